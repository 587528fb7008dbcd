#include "core/data/sets/coco_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/json.h"
#include "core/base/shape.h"

namespace loom {
namespace {

using nlohmann::json;

constexpr std::size_t kDeepest = 100;
constexpr std::streamoff kTail = 1 << 20;

const char* const kHint =
    "Fetch or export the file again; it should be JSON with images, annotations and categories.";

/// An entry of `images`, `annotations` or `categories`; each list uses some of it.
struct Record {
    std::optional<std::int64_t> id, imageId, categoryId;
    std::string name, fileName, caption;
    bool hasCaption = false;
    std::vector<double> box;
};

/// Gathers what is wanted while the file streams by. Containers are counted, not kept: entries of
/// the three lists stand three deep, the numbers of a box four.
class Gatherer : public nlohmann::json_sax<json> {
public:
    struct Annotation {
        std::int64_t image = 0;
        std::optional<std::int64_t> category;
        std::array<double, 4> box = {};
        bool hasBox = false;
        std::optional<std::string> caption;
    };
    std::map<std::int64_t, std::string> pictures;
    std::map<std::int64_t, std::string> categories;
    std::vector<Annotation> annotations;
    std::string problem;
    bool sawPictures = false;

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t value) override {
        return whole(value) && real(static_cast<double>(value));
    }
    bool number_unsigned(number_unsigned_t value) override {
        if (value <= std::uint64_t(INT64_MAX)) whole(static_cast<std::int64_t>(value));
        return real(static_cast<double>(value));
    }
    bool number_float(number_float_t value, const string_t&) override { return real(value); }
    bool binary(binary_t&) override { return false; }
    bool string(string_t& value) override {
        if (m_depth != 3 || m_list == List::None) return true;
        if (m_key == "file_name")
            m_record.fileName = std::move(value);
        else if (m_key == "name")
            m_record.name = std::move(value);
        else if (m_key == "caption") {
            m_record.caption = std::move(value);
            m_record.hasCaption = true;
        }
        return true;
    }
    bool start_object(std::size_t) override {
        if (!deeper()) return false;
        if (m_depth == 2) m_list = List::None;
        if (m_depth == 3) m_record = {};
        return true;
    }
    bool end_object() override {
        --m_depth;
        return m_depth != 2 || m_list == List::None || finish();
    }
    bool start_array(std::size_t) override {
        if (!deeper()) return false;
        if (m_depth == 2) {
            m_list = listOf(m_key);
            sawPictures = sawPictures || m_list == List::Pictures;
        }
        m_inBox = m_depth == 4 && m_key == "bbox" && m_list == List::Annotations;
        return true;
    }
    bool end_array() override {
        --m_depth;
        m_inBox = false;
        if (m_depth == 1) m_list = List::None;
        return true;
    }
    bool key(string_t& key) override {
        if (m_depth == 1 || m_depth == 3) m_key = std::move(key);
        return true;
    }
    bool parse_error(std::size_t, const std::string& lastRead,
                     const json::exception& error) override {
        problem = jsonProblem(error.what(), lastRead);
        return false;
    }

private:
    enum class List { None, Pictures, Annotations, Categories };

    static List listOf(const std::string& key) {
        if (key == "images") return List::Pictures;
        if (key == "annotations") return List::Annotations;
        return key == "categories" ? List::Categories : List::None;
    }
    bool deeper() {
        if (++m_depth <= kDeepest) return true;
        problem = "it is nested more than " + std::to_string(kDeepest) + " levels deep";
        return false;
    }
    bool whole(std::int64_t value) {
        if (m_depth != 3 || m_list == List::None) return true;
        if (m_key == "id")
            m_record.id = value;
        else if (m_key == "image_id")
            m_record.imageId = value;
        else if (m_key == "category_id")
            m_record.categoryId = value;
        return true;
    }
    bool real(double value) {
        if (m_inBox && m_depth == 4 && m_record.box.size() < 5) m_record.box.push_back(value);
        return true;
    }
    bool wrong(const char* list, const std::string& what) {
        problem = std::string("entry ") + std::to_string(m_counts[static_cast<int>(m_list)]) +
                  " of " + list + " " + what;
        return false;
    }
    bool finish() {
        ++m_counts[static_cast<int>(m_list)];
        if (m_list == List::Annotations) {
            if (!m_record.imageId) return wrong("annotations", "has no image_id");
            if (!m_record.box.empty() && m_record.box.size() != 4)
                return wrong("annotations",
                             "has a bbox that is not four numbers: x, y, width, height");
            Annotation one{*m_record.imageId, m_record.categoryId, {}, !m_record.box.empty(), {}};
            std::copy(m_record.box.begin(), m_record.box.end(), one.box.begin());
            if (m_record.hasCaption) one.caption = std::move(m_record.caption);
            annotations.push_back(std::move(one));
            return true;
        }
        const bool picture = m_list == List::Pictures;
        const char* list = picture ? "images" : "categories";
        std::string& text = picture ? m_record.fileName : m_record.name;
        if (!m_record.id) return wrong(list, "has no id");
        if (text.empty()) return wrong(list, picture ? "has no file_name" : "has no name");
        // The path is joined to the pictures' folder; it should not lead out of it.
        if (picture &&
            (text.front() == '/' || ("/" + text + "/").find("/../") != std::string::npos))
            return wrong(list, "names a file outside of the pictures' folder: " + text);
        (picture ? pictures : categories)[*m_record.id] = std::move(text);
        return true;
    }

    std::size_t m_depth = 0;
    List m_list = List::None;
    std::string m_key;
    Record m_record;
    bool m_inBox = false;
    std::array<std::int64_t, 4> m_counts = {};
};

std::vector<std::string> namesOf(const std::map<std::int64_t, std::string>& byId) {
    std::vector<std::string> names;
    for (const auto& [id, name] : byId) names.push_back(name);
    return names;
}

/// Sorts annotations by picture, those of one picture in the order of the file.
Result<CocoFile> arranged(Gatherer& gathered, const std::string& name) {
    CocoFile file;
    file.categories = namesOf(gathered.categories);
    std::map<std::int64_t, std::int64_t> places;
    for (const auto& [id, category] : gathered.categories)
        places.emplace(id, static_cast<std::int64_t>(places.size()));
    std::stable_sort(gathered.annotations.begin(), gathered.annotations.end(),
                     [](const auto& a, const auto& b) { return a.image < b.image; });
    auto next = gathered.annotations.begin();
    for (auto& [id, path] : gathered.pictures) {
        // What belongs to no picture is passed over, as pycocotools does.
        while (next != gathered.annotations.end() && next->image < id) ++next;
        file.pictures.push_back({id, std::move(path), static_cast<std::uint32_t>(file.boxes.size()),
                                 static_cast<std::uint32_t>(file.captions.size())});
        for (; next != gathered.annotations.end() && next->image == id; ++next) {
            if (next->caption) file.captions.push_back(std::move(*next->caption));
            if (!next->category) continue;
            const auto place = places.find(*next->category);
            if (place == places.end())
                return Error{
                    name + ": an annotation of picture " + std::to_string(id) + " is of category " +
                        std::to_string(*next->category) + ", which is not among the " +
                        groupDigits(static_cast<std::int64_t>(places.size())) + " categories.",
                    kHint};
            file.boxes.push_back(
                {next->box[0], next->box[1], next->box[2], next->box[3], place->second});
        }
    }
    file.pictures.push_back({0,
                             {},
                             static_cast<std::uint32_t>(file.boxes.size()),
                             static_cast<std::uint32_t>(file.captions.size())});
    return file;
}

/// The list that begins at `text[0] == '['`, up to its closing bracket; empty when there is none.
std::string_view bracketed(std::string_view text) {
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && (text[i] == '[' || text[i] == '{')) {
            ++depth;
        } else if (!quoted && (text[i] == ']' || text[i] == '}') && --depth == 0) {
            return text.substr(0, i + 1);
        }
    }
    return {};
}

/// The categories if they stand in this last part of a file, whole.
std::optional<std::vector<std::string>> categoriesIn(std::string_view tail) {
    const std::size_t key = tail.rfind("\"categories\"");
    if (key == std::string_view::npos) return std::nullopt;
    std::size_t at = tail.find_first_not_of(" \t\r\n", key + 12);
    if (at == std::string_view::npos || tail[at] != ':') return std::nullopt;
    at = tail.find_first_not_of(" \t\r\n", at + 1);
    if (at == std::string_view::npos || tail[at] != '[') return std::nullopt;
    const auto list = parseJson(bracketed(tail.substr(at)));
    if (!list || !list->isList()) return std::nullopt;
    std::map<std::int64_t, std::string> byId;
    for (const Value& item : list->asList()) {
        const Value* id = item.isDict() ? item.asDict().find("id") : nullptr;
        const Value* name = item.isDict() ? item.asDict().find("name") : nullptr;
        if (!id || !id->isInt() || !name || !name->isString()) return std::nullopt;
        byId[id->asInt()] = name->asString();
    }
    return namesOf(byId);
}

}  // namespace

std::size_t CocoFile::placeOf(std::int64_t id) const {
    const auto end = pictures.end() - 1;
    const auto found = std::lower_bound(
        pictures.begin(), end, id,
        [](const Picture& picture, std::int64_t wanted) { return picture.id < wanted; });
    return found != end && found->id == id ? static_cast<std::size_t>(found - pictures.begin())
                                           : size();
}

std::int64_t CocoFile::bytes() const {
    std::size_t bytes = pictures.size() * sizeof(Picture) + boxes.size() * sizeof(Box);
    for (const Picture& picture : pictures) bytes += picture.name.capacity();
    for (const std::string& caption : captions) bytes += sizeof caption + caption.capacity();
    return static_cast<std::int64_t>(bytes);
}

Result<CocoFile> readCoco(std::istream& in, const std::string& name) {
    Gatherer gathered;
    if (!json::sax_parse(in, &gathered))
        return Error{name + " cannot be read as annotations: " + gathered.problem + ".", kHint};
    if (!gathered.sawPictures)
        return Error{name + " has no list of images, so it is no annotation file in COCO's form.",
                     kHint};
    return arranged(gathered, name);
}

Result<CocoFile> readCoco(const std::string& path) {
    std::vector<char> buffer(1 << 20);
    std::ifstream in;
    in.rdbuf()->pubsetbuf(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    in.open(path, std::ios::binary);
    if (!in) return Error{path + " cannot be opened.", "Check the path and its permissions."};
    return readCoco(in, path);
}

Result<std::vector<std::string>> readCocoCategories(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (in) {
        const std::streamoff bytes = in.tellg();
        std::string tail(static_cast<std::size_t>(std::clamp<std::streamoff>(bytes, 0, kTail)),
                         '\0');
        in.seekg(bytes - static_cast<std::streamoff>(tail.size()));
        if (in.read(tail.data(), static_cast<std::streamsize>(tail.size())))
            if (auto found = categoriesIn(tail)) return std::move(*found);
    }
    auto file = readCoco(path);
    if (!file) return file.error();
    return std::move(file->categories);
}

}  // namespace loom
