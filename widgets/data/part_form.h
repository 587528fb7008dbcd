#pragma once

#include <QWidget>
#include <functional>
#include <optional>

#include "core/project/project.h"

namespace loom {

class DocumentController;
class ParamForm;

/// A form for a part of a data set that may be taken: a share or a number of samples, drawn how.
class PartForm : public QWidget {
    Q_OBJECT
public:
    struct Subject {
        QString key;   ///< "validation"
        QString hint;  ///< what the part is for
        std::optional<Part> DataSection::*part;
        double fraction = 0.1;      ///< what a fresh one takes
        std::int64_t count = 1000;  ///< or so many
    };
    PartForm(Subject subject, DocumentController* controller, QWidget* parent = nullptr);
    void reload();
    ParamForm* form() const { return m_form; }

private:
    void change(const QString& key, const std::optional<Value>& value);
    Part fresh() const;

    Subject m_subject;
    DocumentController* m_controller;
    ParamForm* m_form;
};

}  // namespace loom
