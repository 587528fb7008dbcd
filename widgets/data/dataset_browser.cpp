#include "widgets/data/dataset_browser.h"

#include <QVBoxLayout>

#include "widgets/style/controls.h"

namespace loom {

DatasetBrowser::DatasetBrowser(DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    auto* column = new QVBoxLayout(this);
    column->addWidget(new EmptyState(QStringLiteral("image"), tr("No pictures to show"),
                                     tr("The pictures of the data set will appear here.")));
}

}  // namespace loom
