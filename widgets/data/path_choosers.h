#pragma once

#include "core/base/choice.h"

namespace loom {

class DocumentController;
class ParamForm;

/// Gives the fields that name a file or folder in a data set's root a button that chooses one.
void addPathChoosers(ParamForm* form, const Choice& dataset, DocumentController* controller);

}  // namespace loom
