#include <algorithm>
#include <array>
#include <cctype>

#include "core/base/catalogue.h"
#include "core/base/shape.h"
#include "core/base/text.h"
#include "core/data/files/file_cache.h"
#include "core/data/files/locations.h"
#include "core/data/sets/picture_index.h"
#include "core/data/sets/picture_sizes.h"
#include "core/data/sets/table_columns.h"
#include "core/data/sets/table_remarks.h"

namespace loom {
namespace {

const char* const kHowTo =
    "Set root to a folder with a CSV file in which every row names a picture and its class: "
    "cats/1.jpg,cat. Paths are taken from the CSV file's folder.";

const char* const kNoTest =
    "The list leaves no picture to test with: there is no test_file, test_fraction is 0, and no "
    "column marks any.";

std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// The first column with one of these names, in capitals or not.
std::optional<std::size_t> columnCalled(const CsvTable& table,
                                        const std::vector<std::string>& names) {
    for (const std::string& name : names)
        for (std::size_t c = 0; c < table.columns(); ++c)
            if (lowered(table.names()[c]) == name) return c;
    return std::nullopt;
}

struct Columns {
    std::size_t path = 0;
    std::size_t label = 0;
    std::optional<std::size_t> split;
};

/// As the parameters say; else paths are where the first row has a picture's name, and labels in
/// the column that is called so, or beside.
Result<Columns> chooseColumns(const Settings& settings, const CsvTable& table) {
    Columns columns;
    const auto named = [&](const char* param) -> Result<std::optional<std::size_t>> {
        const std::string name = settings.text(param);
        if (name.empty()) return std::optional<std::size_t>();
        const auto found = columnsNamed(table, {name}, param);
        if (!found) return found.error();
        return std::optional(found->front());
    };
    const auto path = named("path_column"), label = named("label_column"),
               split = named("split_column");
    for (const auto* one : {&path, &label, &split})
        if (!*one) return one->error();
    columns.split = *split;
    std::optional<std::size_t> found = *path;
    for (std::size_t c = 0; !found && c < table.columns(); ++c)
        if (mayNamePicture(table.cell(0, c))) found = c;
    if (!found)
        return Error{"No column of " + table.name() +
                         " holds names of pictures: " + someNames(table.names()) + ".",
                     "Names must end like pictures (.jpg, .png). Name the column in path_column."};
    columns.path = *found;
    found = *label;
    if (!found)
        found = columnCalled(table, {"label", "class", "target", "category", "labels", "y"});
    // A column without a name counts the rows, as pandas writes it.
    for (const bool withName : {true, false})
        for (std::size_t c = 0; !found && c < table.columns(); ++c)
            if (c != columns.path && columns.split != c && (!withName || !isUnnamed(table, c)))
                found = c;
    if (!found)
        return Error{table.name() + " has no column for the classes of the pictures.",
                     "Add one, or name it in label_column."};
    columns.label = *found;
    return columns;
}

/// Rows whose split column says so are to test with.
Result<RowSplit> splitByColumn(const RowSplit& rows, std::size_t column) {
    RowSplit split;
    for (const TableRow& row : rows.all()) {
        const std::string word = lowered(std::string(row.cell(column)));
        constexpr std::array<std::string_view, 2> kTrain = {"train", "training"};
        constexpr std::array<std::string_view, 4> kTest = {"test", "val", "valid", "validation"};
        if (std::find(kTrain.begin(), kTrain.end(), word) != kTrain.end())
            split.train.push_back(row);
        else if (std::find(kTest.begin(), kTest.end(), word) != kTest.end())
            split.test.push_back(row);
        else
            return Error{"In " + row.where() + ", column " + row.table->names()[column] + ", \"" +
                             shortText(word) + "\" is neither train nor test.",
                         "Write train, test or val there."};
    }
    return split;
}

/// The first picture of a split, and the file in which it stands.
struct First {
    std::string table;
    std::string picture;
};

struct PreparedList {
    std::vector<std::string> classes;
    struct Picture {
        std::string path;  ///< as it stands in the table
        std::int64_t label = 0;
    };
    std::vector<Picture> train, test;
    std::string trainTable, testTable;  ///< the files in which they stand
    std::vector<First> firsts() const {
        std::vector<First> all = {{trainTable, train.front().path}};
        if (!test.empty()) all.push_back({testTable, test.front().path});
        return all;
    }
};

using Prepared = std::shared_ptr<const PreparedList>;

/// The folder that paths of a table are taken from: `folder`, else the table's own if the first
/// picture lies there, else root.
std::string pictureFolder(const Settings& settings, const std::string& table,
                          const std::string& first) {
    const std::string root = dataRoots(settings.text("root")).front();
    const std::string named = settings.text("folder");
    const std::string own = table.substr(0, table.find_last_of('/'));
    if (!named.empty()) return named.front() == '/' ? named : own + "/" + named;
    return !isFile(own + "/" + first) && isFile(root + "/" + first) ? root : own;
}

std::string below(const std::string& folder, const std::string& path) {
    return path.front() == '/' ? path : folder + "/" + path;
}

Result<Prepared> prepare(const Settings& settings, const TableFiles& files) {
    const auto tables = readTables(files, csvFormat(settings));
    if (!tables) return tables.error();
    const auto columns = chooseColumns(settings, *tables->train);
    if (!columns) return columns.error();
    RowSplit rows = splitAtRandom(*tables, columns->split ? 0 : settings.number("test_fraction"),
                                  settings.integer("seed"));
    if (columns->split) {
        auto split = splitByColumn(rows, *columns->split);
        if (!split) return split.error();
        rows = std::move(*split);
    }
    if (rows.train.empty())
        return Error{files.names() + " leaves no picture to train with.",
                     "Look at test_file, test_fraction and split_column."};
    const std::vector<TableRow> all = rows.all();
    PreparedList made;
    ColumnClasses found = classesOf(
        all, columns->label, {NumberStyle::Decimal::Plain, tables->train->delimiter() == ';'});
    made.classes = std::move(found.names);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string path(all[i].cell(columns->path));
        if (path.empty())
            return missingCell(all[i], columns->path, "Write the picture's path there.");
        if (found.places[i] < 0)
            return missingCell(all[i], columns->label, "Write the picture's class there.");
        (i < rows.train.size() ? made.train : made.test).push_back({path, found.places[i]});
    }
    if (made.classes.size() > 100'000)
        return Error{"The column " + tables->train->names()[columns->label] + " of " +
                         files.names() + " holds " +
                         groupDigits(static_cast<std::int64_t>(made.classes.size())) +
                         " different texts, too many to be classes.",
                     "Name the column with the classes in label_column."};
    made.trainTable = rows.train.front().table->name();
    if (!rows.test.empty()) made.testTable = rows.test.front().table->name();
    return Prepared(std::make_shared<const PreparedList>(std::move(made)));
}

Result<Prepared> prepared(const Settings& settings) {
    static FileCache<Result<Prepared>> cache(2);
    const TableFiles files = findTables(settings, "PictureList");
    if (!files.problem.empty()) return Error{files.problem, kHowTo};
    return cache.get(settingsKey(settings), files.paths(),
                     [&] { return prepare(settings, files); });
}

/// The first pictures tell whether the folder is the right one; they are looked for every time, as
/// pictures may be put there later.
Status firstAreThere(const std::vector<First>& firsts, const Settings& settings) {
    for (const First& first : firsts) {
        const std::string path =
            below(pictureFolder(settings, first.table, first.picture), first.picture);
        if (!isFile(path))
            return Error{path + ", the first picture of " + first.table + ", is not there.",
                         "Set folder to where the pictures lie; the paths are taken from there."};
    }
    return {};
}

/// What checks ask at every edit.
struct ListFacts {
    std::vector<std::string> classes;
    std::vector<First> firsts;
    std::string found;
    Error problem;
};

ListFacts factsOf(const Settings& settings) {
    static FileCache<ListFacts> cache;
    const TableFiles files = findTables(settings, "PictureList");
    const auto read = [&] {
        const auto list = prepared(settings);
        if (!list) return ListFacts{{}, {}, {}, list.error()};
        const PreparedList& made = **list;
        return ListFacts{made.classes,
                         made.firsts(),
                         groupDigits(static_cast<std::int64_t>(made.train.size())) + " train and " +
                             groupDigits(static_cast<std::int64_t>(made.test.size())) +
                             " test pictures in " +
                             groupDigits(static_cast<std::int64_t>(made.classes.size())) +
                             (made.classes.size() == 1 ? " class" : " classes") + " found in " +
                             files.names() + ".",
                         {}};
    };
    return files.problem.empty() ? cache.get(settingsKey(settings), files.paths(), read) : read();
}

/// Where the pictures of a split lie.
std::vector<std::string> pathsOf(const PreparedList& list, const Settings& settings, bool train) {
    const auto& pictures = train ? list.train : list.test;
    std::vector<std::string> paths;
    if (pictures.empty()) return paths;
    const std::string folder =
        pictureFolder(settings, train ? list.trainTable : list.testTable, pictures.front().path);
    for (const auto& picture : pictures) paths.push_back(below(folder, picture.path));
    return paths;
}

std::optional<SampleSpec> specOfList(const Settings& settings) {
    static FileCache<SampleSpec> cache;
    const TableFiles files = findTables(settings, "PictureList");
    const auto list = prepared(settings);
    if (!list) return SampleSpec{false, {3, -1, -1}};
    // The first pictures tell whether they have come or gone since.
    std::vector<std::string> watched = files.paths();
    for (const First& first : (*list)->firsts())
        watched.push_back(
            below(pictureFolder(settings, first.table, first.picture), first.picture));
    return cache.get(settingsKey(settings), watched, [&] {
        std::vector<std::string> paths = pathsOf(**list, settings, true);
        const auto test = pathsOf(**list, settings, false);
        paths.insert(paths.end(), test.begin(), test.end());
        return specOfFiles(paths);
    });
}

std::vector<ParamSpec> listParams() {
    std::vector<ParamSpec> params = tableFileParams("pictures");
    const auto text = [](const char* key, const char* hint) {
        return ParamSpec{.key = key, .type = ParamType::Text, .defaultValue = "", .hint = hint};
    };
    const std::vector<ParamSpec> more = {
        text("path_column",
             "The column with the pictures' paths. Left empty: the first one whose "
             "texts end like pictures."),
        text("label_column",
             "The column with the classes, as names or numbers. Left empty: the one "
             "called label, class, target or category, else the first other one."),
        text("split_column",
             "A column in which train, test or val stands. Left empty: test_file or "
             "test_fraction decides."),
        text("folder",
             "The folder that the paths are taken from. Left empty: the CSV file's own, "
             "or root."),
        {.key = "seed",
         .type = ParamType::Int,
         .defaultValue = 0,
         .hint = "Which pictures are held out to test with; the same seed takes the same ones.",
         .minimum = 0}};
    params.insert(params.end(), more.begin(), more.end());
    return params;
}

}  // namespace

DatasetKind pictureListKind() {
    DatasetKind kind;
    kind.info = {
        .id = "PictureList",
        .family = "your own pictures",
        .summary = "your own pictures, their classes in a CSV list",
        .details =
            "A CSV file in which every row names a picture and its class, as most competitions "
            "give their data. Classes are names or numbers; they are numbered in order, numbers by "
            "size. Test pictures stand in a file of their own, are marked in a column, or a share "
            "is held out by chance, always the same for the same seed.",
        .keywords = {"own", "csv", "list", "labels", "kaggle", "custom", "paths", "dataframe"}};
    kind.params = listParams();
    kind.spec = specOfList;
    kind.target = [](const Settings& settings) {
        TargetSpec target;
        target.classes = static_cast<std::int64_t>(factsOf(settings).classes.size());
        return target;
    };
    kind.classNamesOf = [](const Settings& settings) { return factsOf(settings).classes; };
    kind.locate = [](const Settings& settings) {
        ListFacts facts = factsOf(settings);
        if (const auto there = firstAreThere(facts.firsts, settings); !there)
            facts = {{}, {}, {}, there.error()};
        const bool found = !facts.found.empty();
        DatasetLocation location{found, tableFolder(settings, findTables(settings, "PictureList")),
                                 found ? facts.found : facts.problem.message, kHowTo};
        if (found && facts.firsts.size() < 2) location.noTest = kNoTest;
        return location;
    };
    kind.open = [](const Settings& settings,
                   Split split) -> Result<std::shared_ptr<const Dataset>> {
        const auto list = prepared(settings);
        if (!list) return list.error();
        const PreparedList& made = **list;
        if (const auto there = firstAreThere(made.firsts(), settings); !there) return there.error();
        const bool train = split == Split::Train;
        const auto& pictures = train ? made.train : made.test;
        if (pictures.empty()) return Error{kNoTest, kHowTo};
        const auto paths = pathsOf(made, settings, train);
        PictureIndex index;
        for (std::size_t i = 0; i < paths.size(); ++i) {
            const std::size_t slash = paths[i].find_last_of('/');
            index.add(paths[i].substr(0, slash), paths[i].substr(slash + 1), pictures[i].label);
        }
        return std::shared_ptr<const Dataset>(
            std::make_shared<PictureFilesDataset>(std::move(index), (*list)->classes));
    };
    return kind;
}

}  // namespace loom
