#pragma once

#include <QGraphicsView>
#include <algorithm>
#include <memory>
#include <optional>

#include "widgets/canvas/canvas_scene.h"
#include "widgets/canvas/layer_list.h"

class QLineEdit;
class QMenu;

class QMenu;

namespace loom {

class AddPopup;
class AskCard;
class CanvasOverlays;
class Gesture;

/// The canvas: pans, zooms, and turns mouse and keys into edits of the document.
///
/// Keys: Tab searches for a layer to put behind the selected or the last block, Shift+A or a double
/// click for one to put there; Ctrl+Tab walks the blocks in execution
/// order, Shift+Tab leaves the canvas; arrows move by 10 (with Shift by 1), Alt+Left/Right follow
/// the wires; Ctrl+G groups, Alt+C collapses and expands, Enter or a double click opens a collapsed
/// group and Escape leaves it; F fits the selection, Home all, Ctrl+0 is 100 %; F2 renames; Delete
/// removes, Ctrl+Del removes and joins the wires; Alt+Enter takes the first repair offered.
class CanvasView : public QGraphicsView {
    Q_OBJECT
public:
    static constexpr double kLeastZoom = 0.05;
    static constexpr double kMostZoom = 4.0;

    explicit CanvasView(DocumentController& document, QWidget* parent = nullptr);
    ~CanvasView() override;

    CanvasScene& drawing() const { return *m_scene; }
    DocumentController& document() const { return m_document; }
    AddPopup* addPopup() const { return m_popup; }
    CanvasOverlays* overlays() const { return m_overlays; }

    double zoom() const { return m_zoom; }
    /// Keeps the scene point under `anchor` (in the viewport) where it is.
    void setZoom(double zoom, const QPoint& anchor);
    void setZoom(double zoom);
    void fitAll();
    /// The same, but where that would be too small to read, the beginning at a readable size.
    void fitReadable();
    void fitSelection();
    void fitRect(const QRectF& rect);
    void panBy(const QPoint& pixels);
    /// Brings a block into view, opening the group that hides it.
    void reveal(const NodeId& id);
    /// Selects a block or a group where it can be seen.
    void revealPath(const std::string& path, bool group);

    /// Shows the inside of a group, or the whole network for an empty path.
    void openGroup(const std::string& path);
    void openSelectedGroup();
    void leaveGroup();
    /// The group that commands are about: the one selected, else the one around what is selected.
    std::string groupInHand() const;
    /// Asks for a path and puts the selected blocks under it.
    void groupSelection();
    void ungroup();
    void toggleCollapsed();
    /// Asks how often.
    void repeatGroup();
    /// Asks for a name.
    void saveToLibrary();
    /// Puts a saved group behind the selected block, or where it was dropped.
    void insertFromLibrary(const QString& file, const std::optional<QPointF>& at = {});
    void shareModule(const NodeId& id, const NodeId& owner);
    AskCard* askCard() const { return m_ask; }

    void deleteSelection(bool heal);
    void copySelection();
    void cutSelection();
    void pasteClipboard();
    void duplicateSelection();
    void selectAll();
    void tidyUp();
    /// Search-to-add. By key the block goes where a click in the palette puts it: behind the
    /// selected one, else behind the last; otherwise to the mouse.
    void openSearch(bool append);
    /// The search at the loose end of a wire from `origin`.
    void openSearchForWire(const PortHandle& origin, const QPointF& point, const QPoint& at);
    void addFromPalette(const QString& kind);
    void startRename(const std::string& key);

    void say(const QString& text) { Q_EMIT statusMessage(text); }
    /// The dashed wire under the mouse; an empty path hides it.
    void showDraft(const QPainterPath& path, PortMark mark);

Q_SIGNALS:
    void statusMessage(const QString& text);
    void zoomChanged(int percent);
    void viewChanged();
    /// Enter or a double click on a block: its parameters are wanted.
    void editRequested(const QString& id);
    void helpOnBlockAsked(const QString& id);
    void helpOnKindAsked(const QString& kind);
    void libraryChanged();
    void summaryAsked();
    void repairAsked();

protected:
    void drawBackground(QPainter* painter, const QRectF& rect) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    bool typeNumber(QKeyEvent* event, const std::vector<std::string>& ids);
    void addFreezing(QMenu& menu);
    enum class PopupUse { AtPoint, Behind, OnWire, WireEnd };

    void updateHover(const QPoint& at);
    void endGesture();
    void endRename();
    void popupChosen(const QString& kind);
    void walkBlocks(int step);
    void followWire(bool forward);
    bool handleKey(QKeyEvent* event);
    void nudge(int dx, int dy, bool fine);
    void addGroupEntries(QMenu* menu, const BlockItem* block);
    void addSharingEntries(QMenu* menu, const NodeId& id);
    std::string parentPathShown(const std::string& path) const;
    QPoint placeForCard() const;
    /// To the block at the other end of a wire that leads out of the group.
    void goOutside(const BlockItem& end);
    QPointF pasteCorner() const;
    double portRadius() const { return std::max(10.0, 10.0 / m_zoom); }
    void lightWire(const std::optional<Edge>& edge);
    QSizeF ghostSize(const QString& kind) const;
    /// The first port of the network behind one on the canvas.
    PortHandle realPort(const PortHandle& shown) const;

    DocumentController& m_document;
    CanvasScene* m_scene;
    AddPopup* m_popup;
    AskCard* m_ask;
    CanvasOverlays* m_overlays;
    std::unique_ptr<Gesture> m_gesture;
    QGraphicsPathItem* m_draft;
    QGraphicsPathItem* m_ghost;
    double m_zoom = 1;
    bool m_fitted = false;  ///< shows everything, and nobody has moved since
    bool m_spaceHeld = false;
    std::string m_hoveredBlock;
    std::optional<Edge> m_hoveredWire;
    std::optional<Edge> m_litWire;
    PopupUse m_popupUse = PopupUse::AtPoint;
    QPointF m_popupPoint;
    std::optional<PortHandle> m_popupOrigin;
    std::vector<Edge> m_popupEdges;
    std::string m_popupBehind;
    struct Place {
        double zoom;
        QPointF centre;
    };
    std::map<std::string, Place> m_places;  ///< where one was in the groups around this
    QLineEdit* m_rename = nullptr;
};

}  // namespace loom
