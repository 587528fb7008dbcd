#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/params.h"
#include "core/base/result.h"

namespace loom {

/// How a table is written; what is not said is found by looking.
struct CsvFormat {
    char delimiter = 0;          ///< 0: of comma, semicolon, tab and bar, what the lines agree on
    std::optional<bool> header;  ///< whether the first line names the columns
};

/// A table of text: comma-separated values (RFC 4180) with quotes, any line ends, an UTF-8 mark.
/// Takes the file's bytes and four more per cell.
class CsvTable {
public:
    /// Errors: begin with `name`, and say the line.
    static Result<CsvTable> parse(std::string bytes, const CsvFormat& format,
                                  const std::string& name);

    std::size_t rows() const { return m_lines.size(); }
    std::size_t columns() const { return m_columns; }
    /// The header's, made different where they repeat; else "column 1", "column 2".
    const std::vector<std::string>& names() const { return m_names; }
    bool hasHeader() const { return m_hasHeader; }
    char delimiter() const { return m_delimiter; }
    /// Without blanks around it.
    std::string_view cell(std::size_t row, std::size_t column) const;
    /// Where the row begins in the file, counted from 1.
    std::size_t line(std::size_t row) const { return m_lines[row]; }
    const std::string& name() const { return m_name; }

private:
    std::string m_bytes;  ///< cells, each ended by a zero byte
    std::vector<std::uint32_t> m_starts;
    std::vector<std::uint32_t> m_lines;
    std::vector<std::string> m_names;
    std::string m_name;
    std::size_t m_columns = 0;
    char m_delimiter = ',';
    bool m_hasHeader = false;
};

/// What a cell says.
struct CsvNumber {
    enum class Kind {
        Number,
        Missing,   ///< empty, NA, NaN, null, ? and the like
        TooLarge,  ///< infinite, or beyond what float32 holds
        Text,
    };
    Kind kind = Kind::Text;
    double value = 0;
};

/// `decimalComma`: "1,5" is one and a half, as in tables whose columns a semicolon parts.
CsvNumber csvNumber(std::string_view cell, bool decimalComma);

/// The table in a file. Errors name it.
Result<CsvTable> readCsv(const std::string& path, const CsvFormat& format);

/// Parameters `delimiter` and `header`, and what they say.
std::vector<ParamSpec> csvParams();
CsvFormat csvFormat(const Settings& settings);

/// A list of names as one types it: `a, b, "c, d"`.
std::vector<std::string> splitNames(const std::string& text);

}  // namespace loom
