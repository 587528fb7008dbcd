#include "core/data/sets/number_style.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

#include "core/data/sets/class_names.h"

namespace loom {
namespace {

using Decimal = NumberStyle::Decimal;

constexpr std::size_t kLongest = 64;
// What stands for signs of several bytes while a cell is taken apart.
constexpr char kCurrency = '\x01';
constexpr char kPerMille = '\x02';

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isLetter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool isCurrencySign(char32_t c) {
    return c == '$' || (c >= 0xA2 && c <= 0xA5) || (c >= 0x20A0 && c <= 0x20CF) || c == 0x0E3F ||
           c == 0x5143 || c == 0x5186 || c == 0x5706;  // 元, 円, 圆
}

/// Letters that name a currency by themselves.
bool isCurrencyCode(std::string_view word) {
    constexpr std::array<std::string_view, 27> kCodes = {
        "USD", "EUR", "GBP", "JPY", "CNY", "RMB", "CHF", "HKD", "TWD",
        "SGD", "KRW", "INR", "AUD", "CAD", "NZD", "BRL", "MXN", "ZAR",
        "RUB", "TRY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "kr"};
    return std::find(kCodes.begin(), kCodes.end(), word) != kCodes.end();
}

/// Letters before a dollar sign: US$, R$.
bool isCurrencyPrefix(std::string_view word) {
    constexpr std::array<std::string_view, 10> kPrefixes = {"US", "HK", "NT", "NZ", "AU",
                                                            "CA", "A",  "C",  "R",  "S"};
    return std::find(kPrefixes.begin(), kPrefixes.end(), word) != kPrefixes.end();
}

/// A cell taken apart: what stands around the digits, and the digits with their separators.
struct Written {
    std::string core;
    std::string currency;
    bool negative = false;
    bool bracketed = false;  ///< (1.50), or 1.50- with the sign behind
    int power = 0;           ///< −2 for a percent sign
};

/// The cell in ASCII: blanks as spaces, minus signs and apostrophes as one kind, currencies as a
/// mark; false when anything else stands there.
bool toPlainCharacters(std::string_view cell, std::string& plain, std::string& currency) {
    for (std::size_t at = 0; at < cell.size();) {
        CodePoint one = codePointAt(cell, at);
        at += one.bytes;
        if (one.value > 0xFF00 && one.value < 0xFF5F) one.value -= 0xFEE0;
        if (one.value == 0xFFE5) one.value = 0xA5;
        const char32_t c = one.value;
        if (isBlank(c)) {
            plain += ' ';
        } else if (isCurrencySign(c)) {
            plain += kCurrency;
            currency += std::to_string(static_cast<std::uint32_t>(c)) + ' ';
        } else if (c == 0x2212 || (c >= 0x2010 && c <= 0x2013)) {
            plain += '-';
        } else if (c == 0x2018 || c == 0x2019 || c == 0xB4 || c == 0x2BC) {
            plain += '\'';
        } else if (c == 0x2030) {
            plain += kPerMille;
        } else if (c < 0x80 && c >= 0x20) {
            plain += static_cast<char>(c);
        } else if (!isInvisible(c)) {
            return false;
        }
    }
    return true;
}

/// Replaces codes of currencies by the mark; false when other words stand there.
bool takeCodes(std::string& plain, std::string& currency) {
    for (std::size_t at = 0; at < plain.size(); ++at) {
        if (!isLetter(plain[at])) continue;
        std::size_t end = at;
        while (end < plain.size() && isLetter(plain[end])) ++end;
        const std::string word = plain.substr(at, end - at);
        const bool power = (word == "e" || word == "E") && at > 0 && end < plain.size() &&
                           (isDigit(plain[at - 1]) || plain[at - 1] == '.') &&
                           (isDigit(plain[end]) || plain[end] == '+' || plain[end] == '-');
        if (power) {
            at = end - 1;
            continue;
        }
        const bool prefix = end < plain.size() && plain[end] == kCurrency && isCurrencyPrefix(word);
        if (!prefix && !isCurrencyCode(word)) return false;
        currency.insert(0, word);
        plain.replace(at, end - at + (prefix ? 1 : 0), 1, kCurrency);
    }
    return true;
}

std::optional<Written> takeApart(std::string_view cell) {
    if (cell.size() > kLongest) return std::nullopt;
    Written written;
    std::string plain;
    if (!toPlainCharacters(cell, plain, written.currency) ||
        std::none_of(plain.begin(), plain.end(), isDigit) || !takeCodes(plain, written.currency))
        return std::nullopt;
    std::string_view text = plain;
    bool sign = false, currency = false, more = true;
    const auto takeSign = [&](char c) {
        if (sign) return false;
        sign = true;
        written.negative = c == '-';
        return true;
    };
    while (more && !text.empty()) {
        more = false;
        const char front = text.front(), back = text.back();
        if (front == ' ' || (front == kCurrency && !currency) ||
            ((front == '-' || front == '+') && takeSign(front))) {
            currency = currency || front == kCurrency;
            text.remove_prefix(1);
            more = true;
        } else if (back == ' ' || (back == kCurrency && !currency)) {
            currency = currency || back == kCurrency;
            text.remove_suffix(1);
            more = true;
        } else if ((back == '%' || back == kPerMille) && written.power == 0) {
            written.power = back == '%' ? -2 : -3;
            text.remove_suffix(1);
            more = true;
        } else if (front == '(' && back == ')' && text.size() > 2 && takeSign('-')) {
            written.bracketed = true;
            text = text.substr(1, text.size() - 2);
            more = true;
        } else if (back == '-' && takeSign('-')) {
            written.bracketed = true;
            text.remove_suffix(1);
            more = true;
        }
    }
    if (text.empty()) return std::nullopt;
    written.core = text;
    return written;
}

/// Digits in groups: the first of one to three, the others of three each (or two each, as India
/// writes lakhs), all parted by the same sign.
std::optional<std::string> readGroups(std::string_view text, char decimal) {
    std::string digits;
    std::vector<std::size_t> groups{0};
    char separator = 0;
    for (const char c : text) {
        if (isDigit(c)) {
            digits += c;
            ++groups.back();
            continue;
        }
        const bool parts =
            c == ' ' || c == '\'' || c == '_' || ((c == ',' || c == '.') && c != decimal);
        if (!parts || (separator && c != separator)) return std::nullopt;
        separator = c;
        groups.push_back(0);
    }
    if (groups.size() == 1) return digits;
    if (groups.front() == 0 || groups.front() > 3 || digits.front() == '0' || groups.back() != 3)
        return std::nullopt;
    const auto allHave = [&](std::size_t count) {
        return std::all_of(groups.begin() + 1, groups.end() - 1,
                           [count](std::size_t group) { return group == count; });
    };
    const bool lakhs = separator == ',' && groups.front() < 3 && allHave(2);
    return allHave(3) || lakhs ? std::optional(digits) : std::nullopt;
}

/// The number as a program writes it: "-1234.5e-2".
std::optional<std::string> plainText(const Written& written, char decimal) {
    std::string_view core = written.core;
    std::string power;
    if (const std::size_t e = core.find_first_of("eE"); e != std::string_view::npos) {
        std::string_view digits = core.substr(e + 1);
        if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) {
            if (digits[0] == '-') power = "-";
            digits.remove_prefix(1);
        }
        if (digits.empty() || digits.size() > 6 ||
            !std::all_of(digits.begin(), digits.end(), isDigit))
            return std::nullopt;
        power += digits;
        core = core.substr(0, e);
    }
    std::string_view fraction;
    if (const std::size_t point = core.find(decimal); point != std::string_view::npos) {
        fraction = core.substr(point + 1);
        core = core.substr(0, point);
        if (!std::all_of(fraction.begin(), fraction.end(), isDigit)) return std::nullopt;
    }
    auto whole = readGroups(core, decimal);
    if (!whole || (whole->empty() && fraction.empty())) return std::nullopt;
    // 1,234e5 is written by nobody.
    if (!power.empty() && whole->size() != core.size()) return std::nullopt;
    std::string text = (written.negative ? "-" : "") + *whole;
    if (!fraction.empty()) text.append(1, '.').append(fraction);
    const long exponent = (power.empty() ? 0 : std::stol(power)) + written.power;
    if (exponent != 0) text += "e" + std::to_string(exponent);
    return text;
}

char signOf(Decimal decimal) {
    return decimal == Decimal::Comma ? ',' : '.';
}

/// Of a column: how many cells each style reads, and what speaks for one of them.
struct Count {
    std::size_t total = 0, plain = 0, point = 0, comma = 0;
    std::size_t onlyPoint = 0, onlyComma = 0;
    std::size_t differing = 0;  ///< read by both, as different numbers
    std::size_t bracketed = 0, open = 0;
    std::set<std::string> currencies;
    std::optional<TableRow> example;           ///< not as a program writes it
    std::optional<TableRow> differingExample;  ///< the first of `differing`

    bool isNumbers() const { return 10 * std::max({plain, point, comma}) >= 9 * total; }
};

/// "1.5" speaks for points, "1.500" for neither.
bool showsPoint(std::string_view cell) {
    const std::size_t point = cell.find('.');
    return cell.size() - point != 4 || cell.find_first_of("eE") != std::string_view::npos ||
           withoutBlanks(cell).starts_with("0");
}

void countCell(Count& count, const TableRow& row, std::size_t column, bool commaToo) {
    const std::string_view cell = row.cell(column);
    const CsvNumber::Kind kind = csvNumber(cell, commaToo).kind;
    if (kind == CsvNumber::Kind::Missing) return;
    ++count.total;
    const bool plain = kind != CsvNumber::Kind::Text;
    count.plain += plain;
    const std::size_t sign = cell.find_first_of(".,");
    // The usual cells are decided without taking them apart.
    if (plain && sign == std::string_view::npos) {
        ++count.point;
        ++count.comma;
        ++count.open;
        return;
    }
    if (plain && cell[sign] == '.' && showsPoint(cell)) {
        ++count.point;
        ++count.onlyPoint;
        ++count.open;
        return;
    }
    const auto written = takeApart(cell);
    if (!written) return;
    const auto point = plainText(*written, '.'), comma = plainText(*written, ',');
    if (!point && !comma) return;
    count.point += point.has_value();
    count.comma += comma.has_value();
    count.onlyPoint += !comma;
    count.onlyComma += !point;
    if (point && comma && exactNumber(*point) != exactNumber(*comma))
        if (count.differing++ == 0) count.differingExample = row;
    ++(written->bracketed ? count.bracketed : count.open);
    if (!written->currency.empty()) count.currencies.insert(written->currency);
    if (!plain && !count.example) count.example = row;
}

/// What the table as a whole writes; neither or both when it does not tell.
struct Habit {
    bool point = false, comma = false;
    bool isClear() const { return point != comma; }
};

ColumnStyle decide(const Count& count, const Habit& habit, bool commaToo,
                   const std::string& decimal) {
    ColumnStyle found;
    found.style.commaToo = commaToo;
    const auto take = [&](Decimal style) {
        found.style.decimal = style;
        found.example = found.guessed || !count.example ? count.differingExample : count.example;
        return found;
    };
    // "(1)" in every row is a name rather than a loss.
    if (count.total == 0 || (count.bracketed > 0 && count.open == 0)) return found;
    if (count.currencies.size() > 1) {
        found.severalCurrencies = std::max(count.point, count.comma) > count.plain;
        found.example = count.example;
        return found;
    }
    if (decimal == "point" && count.point >= count.plain && count.point > 0)
        return take(Decimal::Point);
    if (decimal == "comma" && count.comma >= count.plain && count.comma > 0)
        return take(Decimal::Comma);
    if (decimal != "auto") return found;
    if (count.plain == count.total) {
        // 1.200 is 1200 where decimals begin with a comma.
        if (count.comma < count.total || count.differing == 0 ||
            (count.onlyComma == 0 && (!habit.comma || habit.point)))
            return found;
        return take(Decimal::Comma);
    }
    if (std::max(count.point, count.comma) <= count.plain) return found;
    if (count.point != count.comma)
        return take(count.point > count.comma ? Decimal::Point : Decimal::Comma);
    if (count.onlyPoint > 0) return found;  // and as many that only a comma explains
    if (count.differing == 0) return take(Decimal::Point);
    found.guessed = !habit.isClear();
    return take((habit.isClear() ? habit.comma : commaToo) ? Decimal::Comma : Decimal::Point);
}

}  // namespace

CsvNumber readNumber(std::string_view cell, const NumberStyle& style) {
    const CsvNumber plain = csvNumber(cell, style.commaToo);
    if (style.decimal == Decimal::Plain || plain.kind == CsvNumber::Kind::Missing) return plain;
    if (const auto written = takeApart(cell))
        if (const auto text = plainText(*written, signOf(style.decimal)))
            return csvNumber(*text, false);
    return plain.kind == CsvNumber::Kind::TooLarge ? plain : CsvNumber{};
}

std::string cellKey(std::string_view cell, const NumberStyle& style) {
    if (style.decimal != Decimal::Plain || style.commaToo)
        if (const auto written = takeApart(cell))
            if (const auto text =
                    plainText(*written, style.decimal == Decimal::Plain &&
                                                cell.find('.') == std::string_view::npos
                                            ? ','
                                            : signOf(style.decimal)))
                return classKey(*text);
    return classKey(cell);
}

bool isWrittenNumber(std::string_view cell) {
    const auto written = takeApart(cell);
    return written && (plainText(*written, '.') || plainText(*written, ','));
}

std::vector<ColumnStyle> columnStyles(const std::vector<TableRow>& rows,
                                      const std::string& decimal) {
    std::vector<ColumnStyle> styles;
    if (rows.empty()) return styles;
    const CsvTable& table = *rows.front().table;
    const bool commaToo = table.delimiter() == ';';
    std::vector<Count> counts(table.columns());
    Habit habit;
    for (std::size_t c = 0; c < counts.size(); ++c) {
        for (const TableRow& row : rows) countCell(counts[c], row, c, commaToo);
        if (!counts[c].isNumbers()) continue;
        habit.point = habit.point || (counts[c].onlyPoint > 0 && counts[c].onlyComma == 0);
        habit.comma = habit.comma || (counts[c].onlyComma > 0 && counts[c].onlyPoint == 0);
    }
    for (const Count& count : counts) styles.push_back(decide(count, habit, commaToo, decimal));
    return styles;
}

ParamSpec decimalParam() {
    return {.key = "decimal",
            .type = ParamType::Choice,
            .defaultValue = "auto",
            .hint =
                "The sign before decimals: point reads 1,234.5 and comma reads 1.234,5; auto "
                "takes what a column's cells agree on.",
            .choices = {"auto", "point", "comma"}};
}

}  // namespace loom
