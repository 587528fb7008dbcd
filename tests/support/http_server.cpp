#include "tests/support/http_server.h"

namespace loom::test {

HttpServer::HttpServer(const QString& folder) {
    m_process.start(QStringLiteral("/usr/bin/python3"),
                    {QStringLiteral(TORCHLOOM_SOURCE_DIR "/tests/support/http_server.py"), folder});
    while (!m_process.canReadLine() && m_process.waitForReadyRead(20000)) {
    }
    m_port = m_process.readLine().trimmed().toInt();
}

HttpServer::~HttpServer() {
    m_process.kill();
    m_process.waitForFinished();
}

QString HttpServer::address(const QString& path) const {
    return QStringLiteral("http://127.0.0.1:%1/%2").arg(m_port).arg(path);
}

std::vector<HttpAnswer> HttpServer::answers(int atLeast) {
    std::vector<HttpAnswer> answers;
    m_process.waitForReadyRead(20);
    while (m_process.canReadLine() ||
           (static_cast<int>(answers.size()) < atLeast && m_process.waitForReadyRead(5000))) {
        while (m_process.canReadLine()) {
            const auto parts = QString::fromUtf8(m_process.readLine()).trimmed().split('\t');
            if (parts.size() == 4)
                answers.push_back({parts[0], parts[1], parts[2].toInt(), parts[3].toLongLong()});
        }
    }
    return answers;
}

}  // namespace loom::test
