#pragma once

#include <QByteArray>
#include <QByteArrayList>
#include <QString>
#include <QStringList>

namespace loom::test {

/// What a finished program left.
struct ProcessResult {
    int exitCode = -1;
    QByteArray out;
    QByteArray err;
};

/// Runs a program to its end (600 s at most) with OMP_WAIT_POLICY=passive.
ProcessResult runProcess(const QString& program, const QStringList& arguments,
                         const QString& workingFolder = {},
                         const QStringList& extraEnvironment = {});

/// Runs Debian's Python, the peer of all parity tests, on a script given as text.
ProcessResult runPython(const QString& script, const QStringList& arguments = {},
                        const QString& workingFolder = {});

/// Runs the same script once for each list of arguments in one process, as Python takes long to
/// begin; gives what each one printed. Empty, with the failure said, when one of them fails.
QByteArrayList runPythonForEach(const QString& script, const QList<QStringList>& cases);

/// The loop that courses write, as lines for a script: two epochs over `loader`, every step's loss
/// printed to the last digit, and a pass over `test_loader` after each.
QString trainingLoop();

/// Runs torchloom-cli as built.
ProcessResult runCli(const QStringList& arguments, const QString& workingFolder = {});

/// Why a test on the real Fashion-MNIST fails where the data are not installed.
inline constexpr const char* kNoFashionMnist =
    "Debian's dataset-fashion-mnist, which packaging/install-deps.sh installs, is missing.";

/// `<source>/relative`.
QString sourcePath(const QString& relative);

}  // namespace loom::test
