#pragma once

#include <QListWidget>
#include <functional>

#include "widgets/canvas/port_fit.h"

namespace loom {

/// What a layer dragged from the palette carries: its kind's id as UTF-8.
inline constexpr char kLayerMime[] = "application/x-torchloom-layer";

/// Layers to choose from, under headings or ranked by what was typed. Rows can be dragged.
class LayerList : public QListWidget {
    Q_OBJECT
public:
    enum Role { KindRole = Qt::UserRole, FamilyRole, SummaryRole, MarkRole, ReasonRole };
    explicit LayerList(bool withSummaries, QWidget* parent = nullptr);

    /// Says how a layer would take the wire that is being drawn; without one, all fit.
    using Classifier = std::function<KindFit(const LayerKind&)>;
    void showLayers(const QString& typed, bool headings, const Classifier& classify = {});
    /// The kind of the current row; empty on none.
    QString currentKind() const;
    void moveCurrent(int rows);
    int kindCount() const;

Q_SIGNALS:
    void chosen(const QString& kind);
    /// The question mark beside an entry.
    void helpAsked(const QString& kind);

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void startDrag(Qt::DropActions actions) override;

private:
    /// The kind whose question mark lies under this point of the viewport; empty: none.
    QString helpAt(const QPoint& at) const;
    void addHeading(const QString& family);
    void addKind(const LayerKind& kind, const KindFit& fit);
};

}  // namespace loom
