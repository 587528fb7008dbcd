#pragma once

#include <QWidget>

class QLineEdit;
class QListWidget;
class QListWidgetItem;

namespace loom {

class LayerList;

/// All layers by family, with a search. A click or Enter asks for a block behind the selected one;
/// a row can be dragged onto the canvas.
class PalettePanel : public QWidget {
    Q_OBJECT
public:
    explicit PalettePanel(QWidget* parent = nullptr);
    QLineEdit* searchField() const { return m_search; }
    LayerList* list() const { return m_list; }
    QListWidget* library() const { return m_library; }
    /// Reads the folder of saved groups again.
    void showLibrary();

Q_SIGNALS:
    /// Escape with nothing typed: the keyboard goes back to the canvas.
    void left();
    void layerChosen(const QString& kind);
    void helpAsked(const QString& kind);
    void savedGroupChosen(const QString& file);
    void said(const QString& text);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeLibrary();
    void showLibraryMenu(const QPoint& at);

    QLineEdit* m_search;
    LayerList* m_list;
    QWidget* m_nothing;
    QWidget* m_libraryHead;
    QListWidget* m_library;
};

}  // namespace loom
