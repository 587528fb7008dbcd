#include "core/data/sets/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <system_error>

#include "core/base/files.h"
#include "core/base/shape.h"
#include "core/data/sets/class_names.h"
#include "core/data/sets/number_style.h"
#include "core/data/sets/picture_index.h"

namespace loom {
namespace {

constexpr std::uint64_t kMaximumBytes = std::uint64_t(2) << 30;
constexpr std::size_t kMaximumLine = 16 << 20;
constexpr std::size_t kMaximumColumns = 100'000;
constexpr std::size_t kLookedAt = 1 << 16;

const char* const kHowTo =
    "Save the table as CSV (UTF-8) again, every line with the same number of cells.";

/// Of the usual delimiters the one that stands equally often in the first lines, outside quotes;
/// of several the one that makes most cells.
char findDelimiter(std::string_view text) {
    constexpr std::array<char, 4> kUsual = {',', ';', '\t', '|'};
    std::array<std::size_t, 4> first = {}, now = {};
    std::array<bool, 4> agrees = {true, true, true, true};
    bool quoted = false, any = false;
    int lines = 0;
    const auto endLine = [&] {
        if (!any) return;
        for (std::size_t d = 0; d < kUsual.size(); ++d) {
            if (lines == 0) first[d] = now[d];
            agrees[d] = agrees[d] && now[d] == first[d];
            now[d] = 0;
        }
        any = false;
        ++lines;
    };
    for (const char c : text.substr(0, kLookedAt)) {
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (c == '\n' || c == '\r') {
            endLine();
            if (lines == 20) break;
            continue;
        }
        any = true;
        for (std::size_t d = 0; d < kUsual.size(); ++d) now[d] += c == kUsual[d];
    }
    if (lines == 0 || text.size() <= kLookedAt) endLine();
    std::size_t best = kUsual.size();
    for (const bool mustAgree : {true, false}) {
        for (std::size_t d = 0; d < kUsual.size(); ++d)
            if (first[d] > 0 && (agrees[d] || !mustAgree) &&
                (best == kUsual.size() || first[d] > first[best]))
                best = d;
        if (best < kUsual.size()) return kUsual[best];
    }
    return ',';
}

bool isMissing(std::string_view cell) {
    // What pandas takes for missing, and the question mark of the UCI tables.
    constexpr std::array<std::string_view, 13> kWords = {
        "", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?", "#N/A", "<NA>", "-nan"};
    return cell.size() <= 4 && std::find(kWords.begin(), kWords.end(), cell) != kWords.end();
}

void makeDifferent(std::vector<std::string>& names) {
    std::map<std::string, int> seen;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty()) names[i] = "column " + std::to_string(i + 1);
        const int times = seen[names[i]]++;
        if (times > 0) names[i].append(1, '.').append(std::to_string(times));
    }
}

}  // namespace

Result<CsvTable> CsvTable::parse(std::string bytes, const CsvFormat& format,
                                 const std::string& name) {
    CsvTable table;
    table.m_name = name;
    const auto fail = [&](const std::string& what) { return Error{name + what, kHowTo}; };
    if (bytes.size() > kMaximumBytes)
        return fail(" has " + byteText(static_cast<double>(bytes.size())) +
                    ", more than the 2 GB that a table may have.");
    std::size_t in = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    if (const std::size_t zero = bytes.find('\0'); zero != std::string::npos)
        return fail(" is no table in plain text: byte " +
                    groupDigits(static_cast<std::int64_t>(zero)) + " is zero.");
    char delimiter = format.delimiter;
    // Excel writes "sep=;" into the first line.
    if (bytes.compare(in, 4, "sep=") == 0 && in + 5 < bytes.size() &&
        (bytes[in + 5] == '\n' || bytes[in + 5] == '\r')) {
        if (!delimiter) delimiter = bytes[in + 4];
        in += 6;
    }
    if (!delimiter) delimiter = findDelimiter(std::string_view(bytes).substr(in));
    table.m_delimiter = delimiter;

    const std::size_t end = bytes.size();
    bytes.push_back('\0');
    std::size_t out = in, line = 1, cells = 0;
    // Written in place: a cell never grows, and its delimiter makes room for the zero byte.
    while (in < end) {
        if (bytes[in] == '\n' || bytes[in] == '\r') {
            line += bytes[in] == '\n' || in + 1 == end || bytes[in + 1] != '\n';
            ++in;
            continue;
        }
        const std::size_t rowBegin = in, rowLine = line;
        cells = 0;
        bool more = true;
        while (more) {
            if (++cells > kMaximumColumns)
                return fail(": line " + std::to_string(rowLine) + " has more than " +
                            groupDigits(kMaximumColumns) + " cells.");
            std::uint32_t start = static_cast<std::uint32_t>(out);
            while (in < end && bytes[in] == ' ' && delimiter != ' ') ++in;
            if (in < end && bytes[in] == '"') {
                ++in;
                for (;; ++in) {
                    if (in >= end || in - rowBegin > kMaximumLine)
                        return fail(": the quote that opens in line " + std::to_string(rowLine) +
                                    " is never closed.");
                    if (bytes[in] == '"') {
                        if (bytes[in + 1] != '"') break;
                        ++in;
                    }
                    line += bytes[in] == '\n';
                    bytes[out++] = bytes[in];
                }
                ++in;
            }
            while (in < end && bytes[in] != delimiter && bytes[in] != '\n' && bytes[in] != '\r')
                bytes[out++] = bytes[in++];
            if (in - rowBegin > kMaximumLine)
                return fail(": line " + std::to_string(rowLine) + " is longer than " +
                            byteText(static_cast<double>(kMaximumLine)) +
                            ", so it is no table of lines.");
            more = in < end && bytes[in] == delimiter;
            if (!more && in < end) {
                line += bytes[in] == '\n' || in + 1 == end || bytes[in + 1] != '\n';
            }
            if (in < end) ++in;
            bytes[out++] = '\0';
            table.m_starts.push_back(start);
        }
        if (table.m_lines.empty()) table.m_columns = cells;
        if (cells != table.m_columns)
            return fail(": line " + groupDigits(static_cast<std::int64_t>(rowLine)) + " has " +
                        groupDigits(static_cast<std::int64_t>(cells)) +
                        (cells == 1 ? " cell" : " cells") + ", but the first line has " +
                        groupDigits(static_cast<std::int64_t>(table.m_columns)) + ".");
        table.m_lines.push_back(static_cast<std::uint32_t>(rowLine));
    }
    if (table.m_lines.empty()) return fail(" is empty.");
    table.m_bytes = std::move(bytes);

    std::vector<std::string> first;
    bool looksLikeNames = false, allWritten = true;
    for (std::size_t c = 0; c < table.m_columns; ++c) {
        first.emplace_back(table.cell(0, c));
        looksLikeNames = looksLikeNames || !first.back().empty();
    }
    for (const std::string& cell : first) {
        if (cell.empty()) continue;
        if (csvNumber(cell, delimiter == ';').kind != CsvNumber::Kind::Text || mayNamePicture(cell))
            looksLikeNames = false;
        // "25%" may be a name beside others, "$1.50" beside "$2.10" is none.
        allWritten = allWritten && isWrittenNumber(cell);
    }
    if (allWritten) looksLikeNames = false;
    table.m_hasHeader = format.header.value_or(looksLikeNames);
    if (table.m_hasHeader) {
        table.m_names = std::move(first);
        table.m_lines.erase(table.m_lines.begin());
        table.m_starts.erase(table.m_starts.begin(),
                             table.m_starts.begin() + static_cast<std::ptrdiff_t>(table.m_columns));
    } else {
        table.m_names.resize(table.m_columns);
    }
    makeDifferent(table.m_names);
    if (table.m_lines.empty()) return fail(" has a line of names, but no row below it.");
    return table;
}

std::string_view CsvTable::cell(std::size_t row, std::size_t column) const {
    return withoutBlanks(m_bytes.data() + m_starts[row * m_columns + column]);
}

CsvNumber csvNumber(std::string_view cell, bool decimalComma) {
    using Kind = CsvNumber::Kind;
    if (isMissing(cell)) return {Kind::Missing};
    std::array<char, 64> copy;
    std::string_view digits = cell.front() == '+' ? cell.substr(1) : cell;
    if (decimalComma && cell.size() < copy.size())
        if (const std::size_t comma = digits.find(',');
            comma != std::string_view::npos && digits.find('.') == std::string_view::npos) {
            std::copy(digits.begin(), digits.end(), copy.begin());
            copy[comma] = '.';
            digits = {copy.data(), digits.size()};
        }
    double value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ptr != digits.data() + digits.size() || read.ec == std::errc::invalid_argument)
        return {Kind::Text};
    // Too small to hold is 0, too large is nothing.
    if (read.ec == std::errc::result_out_of_range)
        value = std::strtod(std::string(digits).c_str(), nullptr);
    if (!(std::fabs(value) <= std::numeric_limits<float>::max())) return {Kind::TooLarge};
    return {Kind::Number, value};
}

Result<CsvTable> readCsv(const std::string& path, const CsvFormat& format) {
    auto bytes = readFile(path, kMaximumBytes);
    if (!bytes) return bytes.error();
    return CsvTable::parse(std::move(*bytes), format, path);
}

std::vector<ParamSpec> csvParams() {
    return {{.key = "delimiter",
             .type = ParamType::Choice,
             .defaultValue = "auto",
             .hint = "What parts the cells of a line; auto takes what the lines agree on.",
             .choices = {"auto", "comma", "semicolon", "tab", "bar", "space"}},
            {.key = "header",
             .type = ParamType::Choice,
             .defaultValue = "auto",
             .hint = "Whether the first line names the columns; auto: yes, unless a number or a "
                     "picture's name stands in it.",
             .choices = {"auto", "yes", "no"}}};
}

CsvFormat csvFormat(const Settings& settings) {
    static const std::map<std::string, char> kDelimiters = {
        {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"bar", '|'}, {"space", ' '}};
    CsvFormat format;
    if (const auto found = kDelimiters.find(settings.text("delimiter")); found != kDelimiters.end())
        format.delimiter = found->second;
    if (const std::string header = settings.text("header"); header != "auto")
        format.header = header == "yes";
    return format;
}

std::vector<std::string> splitNames(const std::string& text) {
    std::vector<std::string> names;
    if (withoutBlanks(text).empty()) return names;
    auto line = CsvTable::parse(text, {',', false}, "list");
    if (!line) return {std::string(withoutBlanks(text))};
    for (std::size_t row = 0; row < line->rows(); ++row)
        for (std::size_t c = 0; c < line->columns(); ++c)
            if (const auto name = line->cell(row, c); !name.empty()) names.emplace_back(name);
    return names;
}

}  // namespace loom
