#include <QFile>
#include <QStringDecoder>
#include <QTemporaryDir>
#include <QTest>
#include <cstdint>

#include "core/base/random.h"
#include "tests/support/python.h"

using namespace loom;

namespace {

/// Whether a terminal can show it: UTF-8, and no control characters but tabs and line ends.
bool isShowable(const QByteArray& text) {
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString decoded = decoder(text);
    if (decoder.hasError()) return false;
    for (const QChar c : decoded)
        if (c.category() == QChar::Other_Control && c != '\n' && c != '\t') return false;
    return true;
}

}  // namespace

/// What torchloom-cli prints is clean, whatever the files and arguments are made of.
class MessagesTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString write(const QString& name, const QByteArray& bytes) {
        QFile file(m_folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write %s", qPrintable(name));
        return file.fileName();
    }

    void verifyShowable(const QStringList& arguments) {
        const test::ProcessResult result = test::runCli(arguments);
        QVERIFY2(result.exitCode >= 0, "it crashed");
        QVERIFY2(isShowable(result.err), result.err.toPercentEncoding(" :.,\n"));
        QVERIFY2(isShowable(result.out), result.out.toPercentEncoding(" :.,\n"));
    }

private Q_SLOTS:
    void projectsOfRandomBytes() {
        TorchRandom random(1);
        for (int i = 0; i < 12; ++i) {
            QByteArray bytes(i < 6 ? ""
                                   : R"({"format": "torchloom-project", "version": 1, "name": )");
            for (int k = 0; k < 200; ++k) bytes += static_cast<char>(random.integer(0, 256));
            verifyShowable({"check", write("random.loom", bytes)});
            if (QTest::currentTestFailed()) return;
        }
    }

    void projectsWithDamagedPlaces() {
        QFile starter(test::sourcePath("projects/lenet5.loom"));
        QVERIFY(starter.open(QIODevice::ReadOnly));
        const QByteArray whole = starter.readAll();
        TorchRandom random(2);
        for (int i = 0; i < 24; ++i) {
            QByteArray bytes = whole;
            for (int k = 0; k < 4; ++k)
                bytes[static_cast<qsizetype>(random.integer(0, bytes.size()))] =
                    static_cast<char>(random.integer(0, 256));
            verifyShowable({i % 2 ? "check" : "summary", write("damaged.loom", bytes)});
            if (QTest::currentTestFailed()) return;
        }
    }

    void wordsOfTables() {
        const QString table =
            write("table.csv", "a,b\xFF\x1B[31m,label\n1,\xC3(\x07,\xF0\x9F\n2,3,caf\xE9\n");
        const QString project = write(
            "table.loom",
            R"({"format": "torchloom-project", "version": 1, "name": "t", "network": {"nodes": [], "edges": []},
                "data": {"dataset": {"kind": "Table", "params": {"root": ")" +
                table.toUtf8() + R"("}}}})");
        verifyShowable({"check", project});
        verifyShowable({"datasets", "check", project});
    }

    void arguments() {
        verifyShowable({"check", "no\x1B[31msuch.loom"});
        verifyShowable({"che\x1B[31mck"});
        verifyShowable({"check", "--\x1B[31m"});
    }
};

QTEST_GUILESS_MAIN(MessagesTest)
#include "messages_test.moc"
