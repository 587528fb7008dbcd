#pragma once

#include <QProcess>
#include <QString>
#include <vector>

namespace loom::test {

/// What the server answered.
struct HttpAnswer {
    QString path;
    QString range;  ///< "bytes=100-", or "-"
    int status = 0;
    qint64 bytes = 0;  ///< of the file, that left
};

/// A web server on this machine for the time of a test; `http_server.py` says which faults its
/// paths have.
class HttpServer {
public:
    explicit HttpServer(const QString& folder);
    ~HttpServer();
    bool isRunning() const { return m_port > 0; }
    /// "http://127.0.0.1:8000/whole/x"
    QString address(const QString& path) const;
    /// Answers since the last call; waits until there are so many.
    std::vector<HttpAnswer> answers(int atLeast);

private:
    QProcess m_process;
    int m_port = 0;
};

}  // namespace loom::test
