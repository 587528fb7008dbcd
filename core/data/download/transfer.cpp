#include "core/data/download/transfer.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <cstring>

namespace loom {
namespace {

using Clock = std::chrono::steady_clock;

struct Request {
    CURL* curl;
    PartFile& part;
    std::int64_t largest;
    const std::function<bool(std::int64_t, std::int64_t)>& goOn;
    std::int64_t asked = 0;        ///< where the range begins that was asked for
    std::int64_t rangeBegin = -1;  ///< where the server says that its answer begins
    std::int64_t total = 0;
    bool begun = false;
    bool isContent = false;  ///< a page that tells an error is not kept
    bool diskFailed = false;
    bool tooLong = false;
    bool wrongRange = false;
    Clock::time_point lastAsked = {};
};

long answerCode(CURL* curl) {
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/// Looks at the answer before its first byte: whether it goes on where the part ends.
bool begin(Request& request) {
    request.begun = true;
    const long code = answerCode(request.curl);
    request.isContent = code == 200 || code == 206;
    if (!request.isContent) return true;
    if (code == 206 && request.rangeBegin != request.asked) {
        request.wrongRange = true;
        return false;
    }
    if (code == 200 && !request.part.clear()) {
        request.diskFailed = true;
        return false;
    }
    curl_off_t length = -1;
    curl_easy_getinfo(request.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length > 0) request.total = request.part.bytes() + length;
    return true;
}

std::size_t onHeader(char* data, std::size_t, std::size_t count, void* user) {
    auto& request = *static_cast<Request*>(user);
    const std::string line(data, count);
    if (line.starts_with("HTTP/")) request.rangeBegin = -1;  // of the next answer after a redirect
    std::string lower = line;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (const std::string key = "content-range: bytes "; lower.starts_with(key))
        request.rangeBegin = std::strtoll(lower.c_str() + key.size(), nullptr, 10);
    return count;
}

std::size_t onData(char* data, std::size_t, std::size_t count, void* user) {
    auto& request = *static_cast<Request*>(user);
    if (!request.begun && !begin(request)) return 0;
    if (!request.isContent) return count;
    if (request.part.bytes() + static_cast<std::int64_t>(count) > request.largest) {
        request.tooLong = true;
        return 0;
    }
    if (request.part.append(data, count)) return count;
    request.diskFailed = true;
    return 0;
}

int onProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& request = *static_cast<Request*>(user);
    const auto now = Clock::now();
    if (now - request.lastAsked < std::chrono::milliseconds(100)) return 0;
    request.lastAsked = now;
    return request.goOn(request.part.bytes(), request.total) ? 0 : 1;
}

std::string codeText(long code) {
    const std::string text = "the server answers " + std::to_string(code);
    switch (code) {
        case 401:
        case 403:
            return text + ", not allowed";
        case 404:
        case 410:
            return text + ", not found";
        case 429:
            return text + ", too many requests";
        case 503:
            return text + ", busy or closed for now";
        default:
            return text + (code >= 500 ? ", a fault of its own" : "");
    }
}

std::string curlText(CURLcode code, long stallSeconds) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return "its name is not known, or this computer has no network";
        case CURLE_COULDNT_RESOLVE_PROXY:
            return "the proxy that http_proxy or https_proxy names is not known";
        case CURLE_COULDNT_CONNECT:
            return "nobody answers there, or this computer has no network";
        case CURLE_OPERATION_TIMEDOUT:
            return "nothing came for " + std::to_string(stallSeconds) + " seconds";
        case CURLE_PARTIAL_FILE:
        case CURLE_RECV_ERROR:
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
            return "the connection broke";
        case CURLE_TOO_MANY_REDIRECTS:
            return "it sends from one address to the next without end";
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
            return "it is no address that begins with http:// or https://";
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CONNECT_ERROR:
            return "its certificate cannot be verified; the clock of this computer may be wrong";
        default:
            return curl_easy_strerror(code);
    }
}

bool isWorthAnotherTry(CURLcode code) {
    return code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
           code == CURLE_GOT_NOTHING || code == CURLE_OPERATION_TIMEDOUT ||
           code == CURLE_HTTP2_STREAM || code == CURLE_HTTP2;
}

TransferResult resultOf(const Request& request, CURLcode done, long stallSeconds) {
    using End = TransferResult::End;
    if (request.diskFailed) return {End::DiskFailed};
    if (request.tooLong) return {End::Refused, "it sends more than the file has"};
    if (request.wrongRange) return {End::Interrupted, "it sends another part than was asked for"};
    if (done == CURLE_ABORTED_BY_CALLBACK) return {End::Stopped};
    const long code = answerCode(request.curl);
    if (done != CURLE_OK)
        return {isWorthAnotherTry(done) ? End::Interrupted : End::Refused,
                curlText(done, stallSeconds)};
    // 416: the part goes as far as the file or farther; its checksum tells which.
    if (code == 200 || code == 206 || (code == 416 && request.asked > 0)) return {End::Whole};
    return {code == 408 || code == 429 || code >= 500 ? End::Interrupted : End::Refused,
            codeText(code)};
}

}  // namespace

TransferResult transfer(const std::string& url, PartFile& part, std::int64_t largest,
                        long connectSeconds, long stallSeconds,
                        const std::function<bool(std::int64_t, std::int64_t)>& goOn) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
    if (started != CURLE_OK || !curl)
        return {TransferResult::End::Refused, "libcurl does not start on this computer"};
    Request request{curl.get(), part, largest, goOn};
    request.asked = part.bytes();
    const auto set = [&](CURLoption option, auto value) {
        curl_easy_setopt(curl.get(), option, value);
    };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 10L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "torchloom");
    set(CURLOPT_CONNECTTIMEOUT, connectSeconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, stallSeconds);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, onProgress);
    set(CURLOPT_XFERINFODATA, &request);
    set(CURLOPT_WRITEFUNCTION, onData);
    set(CURLOPT_WRITEDATA, &request);
    set(CURLOPT_HEADERFUNCTION, onHeader);
    set(CURLOPT_HEADERDATA, &request);
    const std::string range = std::to_string(request.asked) + "-";
    if (request.asked > 0) set(CURLOPT_RANGE, range.c_str());
    const CURLcode done = curl_easy_perform(curl.get());
    // An answer without a byte never came to onData.
    if (done == CURLE_OK && !request.begun && answerCode(curl.get()) == 200 && !part.clear())
        request.diskFailed = true;
    if ((request.wrongRange || request.tooLong) && !part.clear()) request.diskFailed = true;
    return resultOf(request, done, stallSeconds);
}

}  // namespace loom
