#include <QApplication>
#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>

#include "app/document_actions.h"
#include "app/main_window.h"
#include "app/zoo_gallery.h"
#include "core/exchange/torch_file.h"
#include "core/graph/edit.h"
#include "core/project/parameter_groups.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "tests/support/app_home.h"
#include "tests/support/python.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/runs/start_weights.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {
test::AppHome* home = nullptr;

/// A picture of the widget for the eye, when TORCHLOOM_SHOTS names a folder.
void shoot(QWidget& widget, const char* name) {
    const QString folder = qEnvironmentVariable("TORCHLOOM_SHOTS");
    if (!folder.isEmpty()) widget.grab().save(folder + '/' + QLatin1String(name));
}
}  // namespace

/// The way of transfer learning through the window: a model of the zoo, weights that fit in part,
/// frozen blocks.
class TransferWindowTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theGalleryFindsAndOpens() {
        const QStringList files = DocumentActions::zooProjects();
        QVERIFY2(files.size() >= 19, "the zoo is beside the program");
        ZooGallery gallery(files);
        gallery.show();
        QSignalSpy chosen(&gallery, &ZooGallery::fileChosen);
        QCOMPARE(gallery.list()->count(), int(files.size()));
        shoot(gallery, "gallery.png");
        QTest::keyClicks(gallery.findChild<QLineEdit*>(), "resnet18");
        QVERIFY(gallery.chosen().endsWith("resnet18.loom"));
        shoot(gallery, "gallery_search.png");
        QTest::keyClick(gallery.findChild<QLineEdit*>(), Qt::Key_Return);
        QCOMPARE(chosen.count(), 1);
        QVERIFY(chosen[0][0].toString().endsWith("resnet18.loom"));
        QVERIFY(!gallery.isVisible());
    }

    void weightsThatFitInPart() {
        auto loaded = loadProject(test::sourcePath("projects/zoo/lenet5.loom").toStdString());
        QVERIFY(loaded.ok());
        const Weights weights = *initialWeights(loaded->project, 4);
        const QString path = home->path("lenet.pth");
        QVERIFY(saveStateDict(path.toStdString(), weights).ok());
        Project project = loaded->project;
        project.network = *edit::setParam(project.network, "fc2", "out_features", Value(12));
        DocumentController document;
        document.reset(project);
        WeightMatchDialog dialog(&document, path);
        dialog.show();
        auto* use = dialog.findChild<QPushButton*>("useWeights");
        QTRY_VERIFY(use->isEnabled());
        auto* table = dialog.findChild<QTableWidget*>();
        // Only what does not fit is shown at first.
        QCOMPARE(table->rowCount(), 2);
        QCOMPARE(table->item(0, 0)->text(), QString("fc2.weight"));
        QCOMPARE(table->item(0, 2)->text(), QString("10×84"));
        QCOMPARE(table->item(0, 3)->text(), QString("12×84"));
        shoot(dialog, "weights.png");
        for (QCheckBox* box : dialog.findChildren<QCheckBox*>()) {
            QVERIFY(box->isVisible());
            if (box->text().startsWith("Freeze")) box->click();
        }
        QTest::mouseClick(use, Qt::LeftButton);
        QVERIFY(!dialog.isVisible());
        const TrainingSection& training = document.project().training;
        QCOMPARE(QString::fromStdString(training.initialWeights), path);
        QVERIFY(isFrozen(training, document.graph(), "conv1"));
        QVERIFY(!isFrozen(training, document.graph(), "fc2"));
        QVERIFY2(document.report().ok(), "a frozen body and a fresh head can train");
        document.undoStack()->undo();
        QVERIFY(document.project().training.initialWeights.empty());
    }

    void aFileOfSomethingElseIsToldApart() {
        const QString path = home->path("other.pth");
        QVERIFY(saveStateDict(path.toStdString(),
                              {{{"a.weight", {"float32", {1}, std::vector<std::uint8_t>(4)}}}})
                    .ok());
        DocumentController document;
        document.reset(
            loadProject(test::sourcePath("projects/zoo/lenet5.loom").toStdString())->project);
        WeightMatchDialog dialog(&document, path);
        dialog.show();
        QTRY_VERIFY(dialog.findChild<QTableWidget*>()->rowCount() > 0);
        QVERIFY(!dialog.findChild<QPushButton*>("useWeights")->isEnabled());
        shoot(dialog, "weights_none.png");
        WeightMatchDialog missing(&document, "/nowhere.pth");
        missing.show();
        QTRY_VERIFY(!missing.findChildren<QLabel*>().at(1)->text().startsWith("Reading"));
        QVERIFY(!missing.findChild<QPushButton*>("useWeights")->isEnabled());
    }
};

int main(int argc, char** argv) {
    test::AppHome folder;
    home = &folder;
    QApplication application(argc, argv);
    Theme::apply(application, qEnvironmentVariable("TORCHLOOM_THEME") == "dark" ? ThemeMode::Dark
                                                                                : ThemeMode::Light);
    TransferWindowTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "transfer_window_test.moc"
