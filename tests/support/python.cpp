#include "tests/support/python.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QProcessEnvironment>

namespace loom::test {

ProcessResult runProcess(const QString& program, const QStringList& arguments,
                         const QString& workingFolder, const QStringList& extraEnvironment) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("OMP_WAIT_POLICY", "passive");
    for (const QString& entry : extraEnvironment)
        environment.insert(entry.section('=', 0, 0), entry.section('=', 1));
    process.setProcessEnvironment(environment);
    if (!workingFolder.isEmpty()) process.setWorkingDirectory(workingFolder);
    process.start(program, arguments);
    ProcessResult result;
    if (!process.waitForFinished(600000)) {
        process.kill();
        process.waitForFinished();
        result.err = "did not finish: " + program.toUtf8() + "\n";
    } else if (process.exitStatus() == QProcess::NormalExit) {
        result.exitCode = process.exitCode();
    }
    result.out = process.readAllStandardOutput();
    result.err += process.readAllStandardError();
    return result;
}

ProcessResult runPython(const QString& script, const QStringList& arguments,
                        const QString& workingFolder) {
    return runProcess("/usr/bin/python3", QStringList{"-c", script} + arguments, workingFolder);
}

QByteArrayList runPythonForEach(const QString& script, const QList<QStringList>& cases) {
    QJsonArray all;
    for (const QStringList& one : cases) all.append(QJsonArray::fromStringList(one));
    const ProcessResult result = runPython(
        "import json, sys\ncode, cases = sys.argv[1], json.loads(sys.argv[2])\n"
        "for one in cases:\n    sys.argv = [''] + one\n    exec(code, {})\n    print('=====')\n",
        {script, QString::fromUtf8(QJsonDocument(all).toJson(QJsonDocument::Compact))});
    if (result.exitCode != 0) {
        qWarning("%s", result.err.constData());
        return {};
    }
    QByteArrayList outputs;
    QByteArray rest = result.out;
    for (qsizetype end = 0; (end = rest.indexOf("=====\n")) >= 0; rest = rest.mid(end + 6))
        outputs << rest.first(end);
    return outputs;
}

QString trainingLoop() {
    return QStringLiteral(
        "for epoch in range(2):\n"
        "    for x, y in loader:\n"
        "        loss = loss_fn(model(x), y)\n"
        "        optimizer.zero_grad(); loss.backward(); optimizer.step()\n"
        "        print('%.17g' % loss.item())\n"
        "    for x, y in test_loader: pass\n");
}

ProcessResult runCli(const QStringList& arguments, const QString& workingFolder) {
    return runProcess(TORCHLOOM_CLI, arguments, workingFolder);
}

QString sourcePath(const QString& relative) {
    return QString(TORCHLOOM_SOURCE_DIR "/") + relative;
}

}  // namespace loom::test
