#include "widgets/data/check_panel.h"

#include <QVBoxLayout>

#include "widgets/style/controls.h"

namespace loom {

CheckPanel::CheckPanel(DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    auto* column = new QVBoxLayout(this);
    column->addWidget(new EmptyState(QStringLiteral("check"), tr("Not checked yet"),
                                     tr("What a check of the data finds will appear here.")));
}

}  // namespace loom
