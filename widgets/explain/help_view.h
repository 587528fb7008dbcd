#pragma once

#include <QWidget>
#include <optional>

#include "widgets/explain/help_page.h"

class QGridLayout;
class QScrollArea;
class QVBoxLayout;

namespace loom {

/// Shows one help page as cards in a column that scrolls.
class HelpView : public QWidget {
    Q_OBJECT
public:
    explicit HelpView(QWidget* parent = nullptr);
    void setPage(const HelpPage& page);
    const HelpPage& page() const { return m_page; }
    /// What the parameters are made of, once it has been computed: "weight 32×1×5×5 = 800".
    void setParameterParts(const QString& text);
    /// A widget that stands after the block's figures, on every page. Becomes the view's child.
    void setExtra(QWidget* extra);
    void scrollToTop();

Q_SIGNALS:
    void linkActivated(const QString& key);
    /// Another block of this kind was asked for.
    void blockActivated(const QString& id);
    void statusMessage(const QString& text);

private:
    void rebuild();
    void addHead();
    void addBlock();
    void addCode();
    void addParams();
    void addPorts();
    void addLinks();
    class Card* addCard(const QString& title);
    class QLabel* addSelectable(QVBoxLayout* to, const QString& text, const char* role);

    HelpPage m_page;
    QScrollArea* m_area = nullptr;
    QVBoxLayout* m_outer;
    QWidget* m_body = nullptr;
    QVBoxLayout* m_column = nullptr;
    class QLabel* m_parts = nullptr;
    QString m_partsText;
    QWidget* m_extra = nullptr;
};

}  // namespace loom
