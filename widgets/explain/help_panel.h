#pragma once

#include <QStringList>
#include <QWidget>

#include "widgets/bridge/document_controller.h"

class QSplitter;
class QStackedWidget;
class QToolButton;

namespace loom {

class BlockPicture;
class ElidedLabel;
class HelpIndex;
class HelpView;
class WeightsCard;

/// Help beside the drawing: pages of the kinds with the numbers of the selected block, an index,
/// and the way back.
///
/// Keys: Alt+Left and Alt+Right go through the pages seen, Escape closes, typing in the index
/// searches.
class HelpPanel : public QWidget {
    Q_OBJECT
public:
    explicit HelpPanel(DocumentController& document, QWidget* parent = nullptr);

    /// The page of a block's kind, with its numbers.
    void showBlock(const NodeId& id);
    /// A page by its key, "layer/Conv2d"; with the numbers of the block in hand where it is of this
    /// kind.
    void showPage(const QString& key);
    void showIndex();
    /// The selection moved to another block: the page follows while the panel is open.
    void followBlock(const NodeId& id);
    void goBack();
    void goForward();

    HelpView* view() const { return m_view; }
    HelpIndex* index() const { return m_index; }
    BlockPicture* picture() const { return m_picture; }
    WeightsCard* weights() const { return m_weights; }
    /// Text and picture; its state is the window's to remember.
    QSplitter* splitter() const { return m_columns; }
    QToolButton* backButton() const { return m_back; }
    QToolButton* forwardButton() const { return m_forward; }
    /// The page shown, "layer/Conv2d"; empty: the index.
    QString currentKey() const { return m_place.key; }
    NodeId currentBlock() const { return m_place.block; }

Q_SIGNALS:
    void closeAsked();
    /// A block was chosen on a page; the canvas should select it.
    void blockAsked(const QString& id);
    void statusMessage(const QString& text);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Place {
        QString key;  ///< empty: the index
        NodeId block;
        bool operator==(const Place&) const = default;
    };
    void go(Place place);
    void refresh();
    void dropRemovedBlocks();

    DocumentController& m_document;
    QToolButton* m_back;
    QToolButton* m_forward;
    QToolButton* m_indexButton;
    QWidget* m_mark;
    ElidedLabel* m_title;
    QStackedWidget* m_stack;
    HelpIndex* m_index;
    HelpView* m_view;
    BlockPicture* m_picture;
    WeightsCard* m_weights;
    QSplitter* m_columns;
    Place m_place;
    std::vector<Place> m_past, m_future;
    NodeId m_selected;
};

}  // namespace loom
