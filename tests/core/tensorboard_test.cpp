#include "core/exchange/tensorboard.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "tests/support/python.h"

using namespace loom;

class TensorboardTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void checksumIsCastagnoli() {
        QCOMPARE(tensorboard::crc32c(""), 0u);
        QCOMPARE(tensorboard::crc32c("123456789"),
                 0xE3069283u);  // the check value of every CRC catalogue
        QCOMPARE(tensorboard::crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, B.4
    }

    void fileNamesSortByTime() {
        const std::string early = tensorboard::fileName(1700000000.9, 0);
        QVERIFY(early.starts_with("events.out.tfevents.1700000000."));
        QVERIFY(early < tensorboard::fileName(1700000001.0, 0));
        QVERIFY(early.find('/') == std::string::npos);
    }

    void anIndependentReaderSeesTheSame() {
        QTemporaryDir folder;
        const QString path = folder.filePath("events.out.tfevents.1.x");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(
            tensorboard::versionRecord(1.5) + tensorboard::textRecord(1.5, "run", "**name**") +
            tensorboard::scalarsRecord(2.25, 300, {{"loss/train", 0.1}, {"lr", 0.5}}) +
            tensorboard::restartRecord(3.0, 200) +
            tensorboard::scalarsRecord(4.0, std::int64_t(1) << 40,
                                       {{"loss/train", std::nan("")}})));
        file.close();
        const test::ProcessResult result = test::runProcess(
            "/usr/bin/python3", {test::sourcePath("tests/support/read_events.py"), path});
        QVERIFY2(result.exitCode == 0, result.err);
        const QList<QByteArray> lines = result.out.trimmed().split('\n');
        QCOMPARE(lines.size(), 5);
        const auto event = [&](int i) { return QJsonDocument::fromJson(lines[i]).object(); };
        QCOMPARE(event(0)["version"].toString(), "brain.Event:2");
        QCOMPARE(event(1)["texts"].toObject()["run/text_summary"].toString(), "**name**");
        QCOMPARE(event(2)["wall_time"].toDouble(), 2.25);
        QCOMPARE(event(2)["step"].toInt(), 300);
        QCOMPARE(static_cast<float>(event(2)["scalars"].toObject()["loss/train"].toDouble()), 0.1f);
        QCOMPARE(event(2)["scalars"].toObject()["lr"].toDouble(), 0.5);
        QCOMPARE(event(3)["session_log"].toInt(), 1);
        QCOMPARE(event(3)["step"].toInt(), 200);
        QVERIFY(lines[4].contains("NaN"));
        QVERIFY(lines[4].contains("1099511627776"));
    }
};

QTEST_GUILESS_MAIN(TensorboardTest)
#include "tensorboard_test.moc"
