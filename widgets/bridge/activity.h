#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <memory>
#include <vector>

namespace loom {

/// A longer piece of work in the background, for as long as it lives: the status bar names it and
/// offers to stop it, whichever page is shown.
///
/// Threads: the GUI's.
class Activity {
public:
    /// `name` says what is being done, "Checking the data"; `stop` asks it to end.
    Activity(QString name, std::function<void()> stop);
    ~Activity();
    Activity(const Activity&) = delete;
    Activity& operator=(const Activity&) = delete;
    /// How far it is; below 0: not known.
    void setPercent(int percent);
    void stop() const;
    /// "Checking the data: 43 %".
    QString text() const;

private:
    QString m_name;
    std::function<void()> m_stop;
    int m_percent = -1;
};

/// All that are under way, the oldest first.
class Activities : public QObject {
    Q_OBJECT
public:
    static Activities& instance();
    const std::vector<Activity*>& running() const { return m_running; }

Q_SIGNALS:
    void changed();

private:
    friend class Activity;
    std::vector<Activity*> m_running;
};

}  // namespace loom
