#pragma once

#include <QWidget>

#include "widgets/bridge/document_controller.h"

class QSplitter;

namespace loom {

class CanvasView;
class HelpPanel;
class InspectorPanel;
class PalettePanel;
class SummaryPanel;

/// The Design page: palette, canvas, inspector.
class DesignPage : public QWidget {
    Q_OBJECT
public:
    explicit DesignPage(DocumentController& document, QWidget* parent = nullptr);

    /// Selects the block of a diagnostic and brings it into view.
    void showProblem(const Diagnostic& diagnostic);
    /// What reading the file had to say, in the panel of the network.
    void showRemarks();
    CanvasView* canvas() const { return m_canvas; }
    PalettePanel* palettePanel() const { return m_palette; }
    InspectorPanel* inspector() const { return m_inspector; }
    QSplitter* splitter() const { return m_splitter; }  ///< its state is the window's to remember
    /// Canvas above, help below; its state is the window's to remember.
    QSplitter* helpSplitter() const { return m_middle; }
    int zoomPercent() const;
    SummaryPanel* summary() const { return m_summary; }
    void toggleSummary();

    /// F1: the entry under the keyboard in the palette or the search, else the selected block, else
    /// the index.
    void explain();
    void explainBlock(const NodeId& id);
    void explainKind(const QString& kind);
    /// A help page by its key, "loss/MSELoss"; the index where there is none.
    void explainPage(const QString& key);
    void showHelpIndex();
    void closeHelp();
    HelpPanel* help() const { return m_help; }

Q_SIGNALS:
    void statusMessage(const QString& text);
    void zoomChanged(int percent);
    /// A problem of another page (data, training) was chosen in the list.
    void problemActivated(const loom::Diagnostic& diagnostic);

private:
    void connectInspector();
    void connectSummary();

    DocumentController& m_document;
    PalettePanel* m_palette;
    CanvasView* m_canvas;
    SummaryPanel* m_summary;
    QSplitter* m_middle;  ///< the canvas above the summary and the help
    InspectorPanel* m_inspector;
    HelpPanel* m_help;
    QSplitter* m_splitter;
};

}  // namespace loom
