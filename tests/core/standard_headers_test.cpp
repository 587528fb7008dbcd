#include <QDirIterator>
#include <QFile>
#include <QHash>
#include <QRegularExpression>
#include <QSet>
#include <QTest>
#include <utility>

#include "tests/support/python.h"

namespace {

/// Names of namespace std and the header that the standard promises them from. Names that several
/// headers declare (`std::remove`, `std::swap`, `std::size`) and those that every container brings
/// are left out.
const QList<std::pair<const char*, const char*>> kNames{
    {"algorithm",
     "sort stable_sort find find_if find_if_not any_of all_of none_of count count_if min_element "
     "max_element minmax_element clamp copy copy_n copy_if fill fill_n transform reverse rotate "
     "unique "
     "remove_if lower_bound upper_bound equal_range binary_search equal mismatch search for_each "
     "generate "
     "replace replace_if partition nth_element partial_sort set_difference set_intersection "
     "set_union "
     "includes lexicographical_compare is_sorted adjacent_find min max minmax shuffle swap_ranges "
     "stable_partition next_permutation find_first_of find_end"},
    {"array", "array to_array"},
    {"atomic", "atomic atomic_flag memory_order_relaxed memory_order_acquire memory_order_release"},
    {"bit",
     "bit_cast popcount countl_zero countr_zero bit_width has_single_bit endian bit_ceil rotl"},
    {"bitset", "bitset"},
    {"cctype",
     "isalpha isdigit isalnum isspace tolower toupper ispunct isupper islower isxdigit isprint"},
    {"charconv", "from_chars to_chars chars_format"},
    {"chrono", "chrono"},
    {"cmath",
     "isnan isinf isfinite sqrt pow exp log log2 log10 log1p floor ceil round lround llround "
     "nearbyint "
     "rint fmod hypot sin cos tan atan atan2 cbrt trunc fabs lrint remainder ldexp frexp nextafter "
     "signbit "
     "copysign expm1 tanh erf modf"},
    {"complex", "complex"},
    {"condition_variable", "condition_variable condition_variable_any"},
    {"csignal", "signal raise sig_atomic_t"},
    {"cstdint",
     "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t "
     "intmax_t uintmax_t"},
    {"cstdio",
     "FILE printf fprintf snprintf fopen fclose fwrite fread fflush fputs puts ferror fseek ftell"},
    {"cstdlib",
     "getenv abort exit strtod strtol strtoll strtoull strtof strtoul malloc free realloc atoi "
     "atof system"},
    {"cstring", "memcpy memcmp memset memmove strlen strcmp strncmp strerror strchr strstr memchr"},
    {"ctime", "time_t tm strftime localtime gmtime mktime"},
    {"deque", "deque"},
    {"exception", "exception terminate exception_ptr current_exception rethrow_exception"},
    {"filesystem", "filesystem"},
    {"fstream", "ifstream ofstream fstream"},
    {"functional",
     "function bind ref cref less greater invoke plus multiplies reference_wrapper mem_fn"},
    {"future", "future promise async packaged_task shared_future"},
    {"iomanip", "setw setprecision setfill put_time quoted"},
    {"iostream", "cout cerr cin clog"},
    {"iterator",
     "back_inserter inserter istreambuf_iterator distance advance next prev make_move_iterator "
     "reverse_iterator istream_iterator ostream_iterator front_inserter"},
    {"limits", "numeric_limits"},
    {"list", "list"},
    {"map", "map multimap"},
    {"memory", "unique_ptr shared_ptr weak_ptr make_unique make_shared enable_shared_from_this"},
    {"mutex", "mutex lock_guard unique_lock scoped_lock recursive_mutex once_flag call_once"},
    {"new", "bad_alloc nothrow align_val_t"},
    {"numbers", "numbers"},
    {"numeric",
     "accumulate iota reduce inner_product partial_sum gcd lcm transform_reduce midpoint"},
    {"optional", "optional nullopt make_optional"},
    {"queue", "queue priority_queue"},
    {"random",
     "mt19937 mt19937_64 uniform_int_distribution uniform_real_distribution random_device"},
    {"regex", "regex smatch regex_match regex_search regex_replace sregex_iterator"},
    {"set", "set multiset"},
    {"shared_mutex", "shared_mutex shared_lock"},
    {"span", "span"},
    {"sstream", "ostringstream istringstream stringstream"},
    {"stdexcept", "runtime_error logic_error out_of_range invalid_argument"},
    {"stop_token", "stop_token stop_source stop_callback"},
    {"string", "string to_string stoi stol stoll stod u32string u16string wstring"},
    {"string_view", "string_view"},
    {"system_error",
     "error_code errc system_error generic_category system_category make_error_code"},
    {"thread", "thread jthread this_thread"},
    {"tuple", "tuple tie make_tuple"},
    {"type_traits",
     "is_same_v decay_t remove_cvref_t enable_if_t is_integral_v is_floating_point_v conditional_t "
     "is_arithmetic_v is_unsigned_v is_signed_v make_unsigned_t invoke_result_t is_convertible_v "
     "underlying_type_t is_base_of_v is_constructible_v is_enum_v"},
    {"unordered_map", "unordered_map"},
    {"unordered_set", "unordered_set"},
    {"utility", "move forward exchange pair make_pair in_place index_sequence as_const declval"},
    {"variant", "variant visit get_if holds_alternative monostate"},
    {"vector", "vector"},
};

/// What a source file says, without comments and the contents of its literals.
QString code(QString text) {
    static const QRegularExpression kRaw("R\"(\\w*)\\(.*?\\)\\1\"",
                                         QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression kLiteral("\"(?:\\\\.|[^\"\\\\\\n])*\"|//[^\\n]*");
    return text.replace(kRaw, "\"\"").replace(kLiteral, "\"\"");
}

struct Source {
    QStringList ours;       ///< headers of the project that it includes
    QSet<QString> foreign;  ///< names of all others
    QSet<QString> used;     ///< names of namespace std
};

Source read(const QString& path) {
    static const QRegularExpression kInclude("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"]",
                                             QRegularExpression::MultilineOption);
    static const QRegularExpression kStd("\\bstd::(?:ranges::)?(\\w+)");
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) qFatal("cannot read %s", qPrintable(path));
    const QString text = QString::fromUtf8(file.readAll());
    Source source;
    for (auto found = kInclude.globalMatch(text); found.hasNext();) {
        const auto match = found.next();
        if (match.captured(1) == "\"")
            source.ours.append(match.captured(2));
        else
            source.foreign.insert(match.captured(2));
    }
    for (auto found = kStd.globalMatch(code(text)); found.hasNext();)
        source.used.insert(found.next().captured(1));
    return source;
}

}  // namespace

/// A file that uses a name of the standard library names its header, itself or through headers of
/// the project: which other headers a compiler's `<vector>` brings along differs from release to
/// release.
class StandardHeadersTest : public QObject {
    Q_OBJECT

    QHash<QString, Source> m_sources;

    void gather(const QString& path, QSet<QString>& seen, QSet<QString>& headers) const {
        const auto found = m_sources.constFind(path);
        if (found == m_sources.cend() || seen.contains(path)) return;
        seen.insert(path);
        headers.unite(found->foreign);
        for (const QString& header : found->ours) gather(header, seen, headers);
    }

private Q_SLOTS:
    void everyNameHasItsHeader() {
        QHash<QString, QString> headerOf;
        for (const auto& [header, names] : kNames)
            for (const QString& name : QString(names).split(' ')) headerOf.insert(name, header);
        const QString root = loom::test::sourcePath("");
        for (const char* folder : {"core", "widgets", "app", "tests"}) {
            QDirIterator files(root + folder, {"*.h", "*.cpp"}, QDir::Files,
                               QDirIterator::Subdirectories);
            while (files.hasNext()) {
                const QString path = files.next();
                m_sources.insert(path.mid(root.size()), read(path));
            }
        }
        QVERIFY(m_sources.size() > 500);
        QStringList missing;
        for (auto source = m_sources.cbegin(); source != m_sources.cend(); ++source) {
            QSet<QString> seen, headers;
            gather(source.key(), seen, headers);
            QSet<QString> told;
            for (const QString& name : source->used) {
                const QString header = headerOf.value(name);
                if (header.isEmpty() || headers.contains(header) || told.contains(header)) continue;
                told.insert(header);
                missing.append(source.key() + " uses std::" + name + " without <" + header + ">");
            }
        }
        missing.sort();
        QVERIFY2(missing.isEmpty(), qPrintable("\n" + missing.join("\n")));
    }
};

QTEST_GUILESS_MAIN(StandardHeadersTest)
#include "standard_headers_test.moc"
