#pragma once

#include <QWidget>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/catalogue.h"
#include "core/base/params.h"
#include "core/project/project.h"

class QLabel;
class QPushButton;

namespace loom {

class DocumentController;
class ParamForm;
class PartsForm;

/// A kind of a project's section (its loss, its data set) in a form: which one, and its parameters.
class ChoiceForm : public QWidget {
    Q_OBJECT
public:
    struct Subject {
        std::string label;               ///< "optimizer"
        std::string catalogue;           ///< where its help pages stand: "optimizer"
        std::vector<std::string> kinds;  ///< to choose from
        std::string noneText;            ///< not empty: there may be none, and this says so
        /// With it, only these parameters, required ones and those set are shown at once; the
        /// others behind a button.
        bool hasEssential = false;
        /// Kinds of at most so many parameters show all of them.
        std::size_t fewParams = 0;
        std::vector<std::string> essential;
        std::function<const std::vector<ParamSpec>*(const std::string& kind)> specs;
        std::function<std::string(const std::string& kind)> summary;
        int kindLabelWidth = 0;  ///< of the row that chooses the kind; 0: as the others
        std::vector<std::string> hiddenKeys;  ///< parameters that are never shown
        /// A line of Python for below the form; empty: none.
        std::function<std::string(const Choice&)> note;
        /// Fits a fresh choice to the project, beyond its kind's own suggestions.
        std::function<void(const Project&, Choice&)> adapt;
        /// What a kind that is made of others may hold; empty: it is not.
        std::function<std::vector<std::string>(const std::string& kind)> partKinds;
        std::string partsKey = "schedulers";  ///< the parameter that holds them
        std::string partName = "scheduler";   ///< what one of them is called
        bool partsMayBeNone = false;          ///< also the last of them can be taken out
        std::function<std::optional<Choice>(const Project&)> get;
        std::function<void(Project&, std::optional<Choice>)> set;
    };
    ChoiceForm(Subject subject, DocumentController* controller, QWidget* parent = nullptr);
    /// Shows what the document holds now.
    void reload();
    void setLabelWidth(int width);
    void choose(const std::string& kind);
    ParamForm* kindForm() const { return m_kind; }
    ParamForm* paramForm() const { return m_params; }
    /// Null until a kind that is made of others was chosen.
    PartsForm* partsForm() const { return m_parts; }

private:
    void showRows(const std::optional<Choice>& choice);
    void setParam(const std::string& key, const std::optional<Value>& value);
    void showParts(const std::optional<Choice>& choice);

    Subject m_subject;
    DocumentController* m_controller;
    ParamForm* m_kind;
    ParamForm* m_params;
    QLabel* m_note;
    PartsForm* m_parts = nullptr;
    QPushButton* m_more;
    bool m_expanded = false;
    int m_labelWidth = 0;
};

/// Plain fields of the training section by their names in the project file: "batch_size", "seed",
/// ...
class TrainingFieldsForm : public QWidget {
    Q_OBJECT
public:
    TrainingFieldsForm(const std::vector<std::string>& keys, DocumentController* controller,
                       QWidget* parent = nullptr);
    void reload();
    void setLabelWidth(int width);
    ParamForm* form() const { return m_form; }

private:
    std::vector<std::string> m_keys;
    DocumentController* m_controller;
    ParamForm* m_form;
};

/// A subject whose kinds are those of a catalogue; where its choice stands is the caller's to say.
template <class K>
ChoiceForm::Subject catalogueSubject(const char* label, const Catalogue<K>& catalogue) {
    ChoiceForm::Subject subject;
    subject.label = subject.catalogue = label;
    for (const K& kind : catalogue) subject.kinds.push_back(kind.info.id);
    subject.specs = [&catalogue](const std::string& id) -> const std::vector<ParamSpec>* {
        const K* kind = catalogue.find(id);
        return kind ? &kind->params : nullptr;
    };
    subject.summary = [&catalogue](const std::string& id) {
        const K* kind = catalogue.find(id);
        return kind ? kind->info.summary : std::string();
    };
    return subject;
}

ChoiceForm::Subject datasetSubject();
/// How samples are drawn; without one, `shuffle` decides.
ChoiceForm::Subject samplerSubject();
/// What is done to whole batches, in order: parts of a kind that has no name.
ChoiceForm::Subject batchTransformsSubject();
ChoiceForm::Subject lossSubject();
ChoiceForm::Subject optimizerSubject();
ChoiceForm::Subject schedulerSubject();

}  // namespace loom
