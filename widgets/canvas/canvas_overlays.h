#pragma once

#include <QObject>

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
    /// Alt+Enter.
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
    QWidget* m_start;
    Breadcrumb* m_breadcrumb;
    DiagnosticPopup* m_popup;
    KeysCard* m_keys;
    bool m_quiet = false;
    bool m_dismissed = false;
};

}  // namespace loom
