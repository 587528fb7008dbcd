#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace loom {

/// SIGTERM, SIGINT and SIGHUP as a Qt signal: the end of a session, Ctrl+C, a closed terminal. The
/// second one ends the program at once, as always.
class QuitSignals : public QObject {
    Q_OBJECT
public:
    explicit QuitSignals(QObject* parent = nullptr);
    ~QuitSignals() override;

Q_SIGNALS:
    void asked();

private:
    QSocketNotifier* m_notifier = nullptr;
};

}  // namespace loom
