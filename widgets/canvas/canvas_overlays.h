#pragma once

#include <QObject>

class QBoxLayout;

namespace loom {

class Breadcrumb;
class CanvasView;
class DiagnosticPopup;
class KeysCard;
class Minimap;

/// What lies over the canvas without being part of the drawing: minimap, zoom buttons, the hint on
/// an empty canvas and the card that explains a fault. Keeps them in their places.
class CanvasOverlays : public QObject {
    Q_OBJECT
public:
    explicit CanvasOverlays(CanvasView& view);
    void place();
    /// While something is dragged, cards would be in the way.
    void setQuiet(bool quiet);
    /// Escape: closes what lies on top; the card of a fault stays away until the selection changes.
    bool dismiss();
    /// Takes the first repair for the selected block, whether its card is in sight or not; false
    /// when there is none.
    bool applyFirstFix();
    void toggleKeys();
    DiagnosticPopup* diagnosticPopup() const { return m_popup; }
    Minimap* minimap() const { return m_minimap; }
    Breadcrumb* breadcrumb() const { return m_breadcrumb; }

private:
    void showDiagnostic();
    void showHint();
    void placeDiagnostic();

    CanvasView& m_view;
    Minimap* m_minimap;
    QWidget* m_buttons;
    QWidget* m_hint;
    QBoxLayout* m_hintRow = nullptr;  ///< one above the other where the canvas is narrow
    QWidget* m_start;
    Breadcrumb* m_breadcrumb;
    DiagnosticPopup* m_popup;
    KeysCard* m_keys;
    bool m_quiet = false;
    bool m_dismissed = false;
};

}  // namespace loom
