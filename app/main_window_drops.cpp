// What is dropped on the window, whichever page is shown.

#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QUndoStack>
#include <QUrl>

#include "app/main_window.h"
#include "app/notice_bar.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/data_page.h"
#include "widgets/data/dataset_panel.h"
#include "widgets/data/drop_reader.h"
#include "widgets/runs/try_page.h"

namespace loom {

namespace {

constexpr std::size_t kMostOthers = 3;

bool isProject(const QMimeData& mime) {
    const QList<QUrl> urls = mime.urls();
    return urls.size() == 1 && urls.front().toLocalFile().endsWith(QLatin1String(".loom"));
}

}  // namespace

void MainWindow::connectDrops() {
    m_drops = new DropReader(this);
    connect(m_drops, &DropReader::pictureRead, this, &MainWindow::takePicture);
    connect(m_drops, &DropReader::datasetsFound, this,
            [this](const std::vector<RecognisedDataset>& found) { takeDataset(found, 0); });
    connect(m_drops, &DropReader::notUnderstood, this, &MainWindow::showFailure);
    connect(m_data->datasetPanel(), &DatasetPanel::ownDataChosen, m_drops, &DropReader::readPath);
}

void MainWindow::takePicture(const SampleInput& picture, const QString& name) {
    m_notice->dismiss();
    if (currentPage() == TryIt) {
        m_try->tryPicture(std::get<Picture>(picture));
        return;
    }
    showPage(Data);
    m_data->previewOwn(picture, name);
}

void MainWindow::takeDataset(const std::vector<RecognisedDataset>& found, std::size_t chosen) {
    const RecognisedDataset& one = found[chosen];
    if (!m_data->useDataset(one)) return;
    showPage(Data);
    std::vector<NoticeBar::Action> actions;
    // Another reading replaces this one instead of coming on top of it.
    const int after = m_document.undoStack()->index();
    const auto back = [this, after] {
        if (m_document.undoStack()->index() == after) m_document.undoStack()->undo();
    };
    std::size_t others = 0;
    for (std::size_t i = 0; i < found.size() && others < kMostOthers; ++i) {
        if (i == chosen) continue;
        ++others;
        actions.push_back({tr("Use as %1").arg(q(found[i].dataset.kind)), [this, found, i, back] {
                               back();
                               takeDataset(found, i);
                           }});
    }
    actions.push_back({tr("Undo"), back});
    QString hint = q(one.message);
    if (one.testIsTrain)
        hint += QLatin1Char(' ') +
                tr("There are no test pictures apart, so the test shows the training pictures; a "
                   "fifth is held back as a validation part.");
    m_notice->show(tr("This is now the data set: %1.").arg(q(one.dataset.kind)), hint, "accent",
                   std::move(actions));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (isProject(*event->mimeData()) || DropReader::takes(*event->mimeData()))
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    event->acceptProposedAction();
    if (isProject(*event->mimeData()))
        m_documentActions->openFile(event->mimeData()->urls().value(0).toLocalFile());
    else
        m_drops->read(*event->mimeData());
}

}  // namespace loom
