#pragma once

#include "widgets/style/controls.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace loom {

class DrawingPad;
struct TrySamples;

/// Where a sample to try comes from: a picture that is dropped, chosen, pasted or drawn; of tables
/// and points the numbers that are typed.
class TrySource : public Card {
    Q_OBJECT
public:
    explicit TrySource(QWidget* parent = nullptr);

    /// Whether pictures are asked for, or what the columns of these samples name.
    void ask(bool pictures, const TrySamples& samples);
    /// Shows a sample without trying it; ends drawing. A null picture and no cells: nothing.
    void setSample(const QImage& picture, const QString& cells = {});
    bool isEmpty() const;
    DrawingPad* pad() const { return m_pad; }
    QLineEdit* rowField() const { return m_row; }

Q_SIGNALS:
    void fileChosen(const QString& path);
    void pasteAsked();
    void drawn();
    void rowTyped(const QString& text);

private:
    void setDrawing(bool on);

    QLabel* m_heading;
    DrawingPad* m_pad;
    QWidget* m_pictureTools;
    QPushButton* m_draw;
    QPushButton* m_clear;
    QWidget* m_rowTools;
    QLabel* m_rowColumns;
    QLineEdit* m_row;
};

}  // namespace loom
