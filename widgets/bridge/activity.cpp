#include "widgets/bridge/activity.h"

#include <utility>

namespace loom {

Activity::Activity(QString name, std::function<void()> stop)
    : m_name(std::move(name)), m_stop(std::move(stop)) {
    Activities::instance().m_running.push_back(this);
    Q_EMIT Activities::instance().changed();
}

Activity::~Activity() {
    std::erase(Activities::instance().m_running, this);
    Q_EMIT Activities::instance().changed();
}

void Activity::setPercent(int percent) {
    if (percent == m_percent) return;
    m_percent = percent;
    Q_EMIT Activities::instance().changed();
}

void Activity::stop() const {
    // Stopping may end this object.
    const std::function<void()> stop = m_stop;
    stop();
}

QString Activity::text() const {
    return m_percent < 0 ? QObject::tr("%1…").arg(m_name)
                         : QObject::tr("%1: %2 %").arg(m_name).arg(m_percent);
}

Activities& Activities::instance() {
    static Activities all;
    return all;
}

}  // namespace loom
