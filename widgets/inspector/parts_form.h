#pragma once

#include "widgets/inspector/section_forms.h"

class QVBoxLayout;

namespace loom {

/// The kinds that a kind is made of, such as a chain's schedulers or the transforms that
/// RandomApply draws: a form for each, with buttons to add, order and remove them.
class PartsForm : public QWidget {
    Q_OBJECT
public:
    /// `owner` is the subject of the kind that is made of others.
    PartsForm(ChoiceForm::Subject owner, DocumentController* controller, QWidget* parent = nullptr);
    void reload();
    const std::vector<ChoiceForm*>& forms() const { return m_forms; }
    QPushButton* addButton() const { return m_add; }

private:
    ChoiceForm::Subject part(std::size_t index) const;
    std::vector<Choice> partsOf(const std::optional<Choice>& owner) const;
    void rebuild(std::size_t count, const std::string& kind);
    void change(const QString& text,
                const std::function<void(std::vector<Choice>& parts, Choice& owner)>& how);
    void add();
    void remove(std::size_t index);
    void move(std::size_t index, std::size_t to);

    ChoiceForm::Subject m_owner;
    DocumentController* m_controller;
    std::string m_kind;
    std::vector<ChoiceForm*> m_forms;
    QVBoxLayout* m_rows;
    QPushButton* m_add;
};

}  // namespace loom
