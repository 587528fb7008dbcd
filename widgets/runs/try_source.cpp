#include "widgets/runs/try_source.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/runs/drawing_pad.h"
#include "widgets/runs/try_samples.h"
#include "widgets/style/file_choice.h"
#include "widgets/style/row_fit.h"

namespace loom {

TrySource::TrySource(QWidget* parent)
    : Card({}, parent),
      m_heading(makeLabel({}, "strong")),
      m_pad(new DrawingPad),
      m_pictureTools(new QWidget),
      m_draw(makeButton(tr("Draw"), ButtonKind::Secondary, QStringLiteral("pencil"))),
      m_clear(makeButton(tr("Clear"), ButtonKind::Ghost)),
      m_rowTools(new QWidget),
      m_rowColumns(makeWrappedLabel({}, "small")),
      m_row(new QLineEdit) {
    body()->addWidget(m_heading);
    body()->addWidget(m_pad, 1);
    auto* sources = new QHBoxLayout(m_pictureTools);
    sources->setContentsMargins(0, 0, 0, 0);
    QPushButton* choose = makeButton(tr("Choose…"), ButtonKind::Secondary, QStringLiteral("image"));
    QPushButton* paste = makeButton(tr("Paste"), ButtonKind::Secondary, QStringLiteral("copy"));
    m_draw->setCheckable(true);
    m_clear->hide();
    for (QPushButton* button : {choose, paste, m_draw, m_clear}) sources->addWidget(button);
    sources->addStretch(1);
    body()->addWidget(m_pictureTools);
    new RowFit(this, sources, {m_draw, choose, paste});

    auto* typing = new QVBoxLayout(m_rowTools);
    typing->setContentsMargins(0, 0, 0, 0);
    typing->setSpacing(4);
    auto* field = new QHBoxLayout;
    m_row->setObjectName(QStringLiteral("typedRow"));
    QPushButton* tryTyped = makeButton(tr("Try"), ButtonKind::Secondary);
    tryTyped->setObjectName(QStringLiteral("tryTypedRow"));
    field->addWidget(m_row, 1);
    field->addWidget(tryTyped);
    typing->addWidget(m_rowColumns);
    typing->addLayout(field);
    m_rowTools->hide();
    body()->addWidget(m_rowTools);

    connect(choose, &QPushButton::clicked, this, [this] {
        const QString path = chooseFile(
            this, tr("Choose a picture"),
            tr("Pictures (*.png *.jpg *.jpeg *.bmp *.webp *.gif *.tif *.tiff *.jp2 *.ppm *.pgm "
               "*.pbm)"));
        if (!path.isEmpty()) Q_EMIT fileChosen(path);
    });
    connect(paste, &QPushButton::clicked, this, &TrySource::pasteAsked);
    connect(m_draw, &QPushButton::toggled, this, &TrySource::setDrawing);
    connect(m_clear, &QPushButton::clicked, m_pad, &DrawingPad::clear);
    connect(m_pad, &DrawingPad::drawn, this, &TrySource::drawn);
    connect(m_row, &QLineEdit::returnPressed, this, [this] { Q_EMIT rowTyped(m_row->text()); });
    connect(tryTyped, &QPushButton::clicked, this, [this] { Q_EMIT rowTyped(m_row->text()); });
}

void TrySource::ask(bool pictures, const TrySamples& samples) {
    const bool typed = !pictures && !samples.columns.isEmpty();
    m_heading->setText(pictures        ? tr("Picture")
                       : !typed        ? tr("Sample")
                       : samples.table ? tr("Row")
                                       : tr("Point"));
    m_pictureTools->setVisible(pictures);
    m_rowTools->setVisible(typed);
    m_pad->setEmptyText(
        pictures        ? tr("Drop a picture here, paste one, choose a file, or take one of the "
                                    "pictures below")
        : !typed        ? tr("Take one of the samples below")
        : samples.table ? tr("Type a row below, or take one of those below it")
                        : tr("Type a point’s numbers below, or take one of those below it"));
    m_rowColumns->setText(samples.columns.join(QStringLiteral(", ")));
    m_row->setPlaceholderText(samples.columns.size() == 1
                                  ? tr("A number")
                                  : tr("Cells with commas between, in this order"));
    m_row->setAccessibleName(samples.table ? tr("Row to try") : tr("Point to try"));
}

void TrySource::setSample(const QImage& picture, const QString& cells) {
    m_draw->setChecked(false);
    m_pad->setPicture(picture);
    m_row->setText(cells);
}

bool TrySource::isEmpty() const {
    return m_pad->picture().isNull();
}

void TrySource::setDrawing(bool on) {
    m_pad->setDrawing(on);
    m_clear->setVisible(on);
    if (on) m_pad->clear();
}

}  // namespace loom
