#include "widgets/canvas/breadcrumb.h"

#include <QHBoxLayout>
#include <QToolButton>

#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

Breadcrumb::Breadcrumb(CanvasView& view)
    : QFrame(&view), m_view(view), m_row(new QHBoxLayout(this)) {
    setProperty("card", QStringLiteral("true"));
    setAccessibleName(tr("Where you are in the network"));
    m_row->setContentsMargins(6, 3, 10, 3);
    m_row->setSpacing(0);
    connect(&view.drawing(), &CanvasScene::scopeChanged, this, &Breadcrumb::rebuild);
    rebuild();
}

void Breadcrumb::rebuild() {
    while (QLayoutItem* item = m_row->takeAt(0)) {
        if (QWidget* widget = item->widget()) {
            // A step may be the sender of what led here.
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
    m_steps.clear();
    const std::string& scope = m_view.drawing().scope();
    setVisible(!scope.empty());
    if (scope.empty()) return;
    const auto add = [this, &scope](const QString& text, const std::string& path) {
        auto* step = new QToolButton(this);
        step->setText(text);
        step->setAutoRaise(true);
        step->setFocusPolicy(Qt::NoFocus);
        step->setFont(uiFont(13, path == scope ? QFont::DemiBold : QFont::Normal));
        step->setToolTip(path == scope  ? tr("You are inside of %1").arg(q(path))
                         : path.empty() ? tr("Back to the whole network")
                                        : tr("Back to %1").arg(q(path)));
        connect(step, &QToolButton::clicked, this, [this, path] {
            m_view.openGroup(path);
            m_view.setFocus();
        });
        m_row->addWidget(step);
        m_steps.push_back(step);
    };
    add(tr("network"), {});
    for (std::size_t dot = scope.find('.'), start = 0;; dot = scope.find('.', start)) {
        m_row->addWidget(makeLabel(QStringLiteral("›"), "muted", this));
        const bool last = dot == std::string::npos;
        add(q(scope.substr(start, last ? dot : dot - start)), scope.substr(0, dot));
        if (last) break;
        start = dot + 1;
    }
    m_row->addSpacing(10);
    m_row->addWidget(new KeyCap(QStringLiteral("Esc"), this));
    m_row->addSpacing(4);
    m_row->addWidget(makeLabel(tr("leaves"), "small", this));
    // What is not shown yet has no size.
    for (QWidget* part : findChildren<QWidget*>(Qt::FindDirectChildrenOnly))
        if (m_row->indexOf(part) >= 0) part->show();
    m_row->activate();
    resize(sizeHint());
    raise();
}

}  // namespace loom
