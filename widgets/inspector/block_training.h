#pragma once

#include <map>

#include "widgets/bridge/document_controller.h"
#include "widgets/style/controls.h"

namespace loom {

class ParamForm;

/// How the selected blocks train: frozen or not, a learning rate of their own, and how their
/// weights begin. One block or many.
class BlockTraining : public Card {
    Q_OBJECT
public:
    explicit BlockTraining(DocumentController& document, QWidget* parent = nullptr);
    /// Shows what the document says of these blocks; hides itself when none of them has weights.
    void setBlocks(const std::vector<NodeId>& ids);
    ParamForm* trainingForm() const { return m_training; }
    /// The form that chooses how parameters begin.
    ParamForm* beginningForm() const { return m_beginning; }

private:
    /// Of one parameter: the settings of the way it begins.
    struct Beginning {
        QLabel* title = nullptr;
        ParamForm* form = nullptr;
    };

    void showTraining();
    void showBeginnings();
    std::vector<std::string> parameterNames() const;
    void setTraining(const QString& key, const std::optional<Value>& value);
    void setBeginning(const std::string& parameter, const std::string& kind);
    void setBeginningParam(const std::string& parameter, const std::string& key,
                           const std::optional<Value>& value);
    Beginning& beginning(const std::string& parameter);
    void editBlocks(const QString& text, const std::function<void(Node&)>& change,
                    const QString& mergeKey);

    DocumentController& m_document;
    std::vector<NodeId> m_ids;
    ParamForm* m_training;
    ParamForm* m_beginning;
    QLabel* m_note;
    QVBoxLayout* m_settings;
    std::map<std::string, Beginning> m_beginnings;
};

}  // namespace loom
