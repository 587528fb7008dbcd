#include "widgets/data/browser_data.h"

#include <QCoreApplication>
#include <algorithm>
#include <numeric>

#include "core/data/subset.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/sample_image.h"

namespace loom {

namespace {

/// Labels without names get their numbers as names, up to so many.
constexpr std::int32_t kMostNamed = 1000;
constexpr int kNamesShown = 4;

QString tr(const char* text) {
    return QCoreApplication::translate("DatasetBrowser", text);
}

void readLabels(BrowserData& data, const std::atomic<bool>& cancelled) {
    for (std::size_t s = 0; s < 2; ++s) {
        if (!data.sets[s]) continue;
        const Dataset& set = *data.sets[s];
        if (set.size() > 0 && !set.answer(0).empty()) continue;
        data.labels[s].reserve(static_cast<std::size_t>(set.size()));
        for (std::int64_t i = 0; i < set.size() && !cancelled; ++i)
            data.labels[s].push_back(static_cast<std::int32_t>(set.label(i)));
    }
}

void nameGroups(BrowserData& data) {
    const Dataset& set = *data.any();
    const bool numbers = set.size() > 0 && !set.answer(0).empty();
    const std::vector<std::string> names = numbers ? set.answerNames() : set.classes();
    for (const std::string& name : names) data.groups << q(name);
    if (numbers) {
        // Categories are zeros and ones; the columns of a table are not.
        const std::int64_t looked = std::min<std::int64_t>(set.size(), 200);
        data.severalLabels = !names.empty();
        for (std::int64_t i = 0; i < looked && data.severalLabels; ++i)
            for (const float number : set.answer(i))
                data.severalLabels = data.severalLabels && (number == 0 || number == 1);
        if (!data.severalLabels) {
            data.groups.clear();
            return;
        }
    } else if (names.empty()) {
        std::int32_t highest = -1;
        for (const auto& labels : data.labels)
            for (const std::int32_t label : labels) highest = std::max(highest, label);
        for (std::int32_t i = 0; i <= std::min(highest, kMostNamed - 1); ++i)
            data.groups << QString::number(i);
    }
    data.classes = static_cast<std::int32_t>(data.groups.size());
    bool outside = false;
    for (std::size_t s = 0; s < 2 && !outside; ++s)
        for (const std::int32_t label : data.labels[s])
            if (label < 0 || label >= data.classes) {
                outside = true;
                break;
            }
    if (outside || data.severalLabels)
        data.groups << (data.severalLabels ? tr("no category") : tr("no class"));
}

void countGroups(BrowserData& data, const std::atomic<bool>& cancelled) {
    for (const DataPart part : kDataParts) {
        auto& counts = data.counts[static_cast<std::size_t>(part)];
        counts.assign(static_cast<std::size_t>(data.groups.size()), 0);
        if (counts.empty()) continue;
        for (const BrowserItem& item : data.itemsOf(part)) {
            if (cancelled) return;
            if (!data.severalLabels) {
                const int group = data.groupOf(item);
                if (group >= 0) ++counts[static_cast<std::size_t>(group)];
                continue;
            }
            const std::vector<float> answer = data.dataset(item.split).answer(item.index);
            bool any = false;
            for (std::size_t g = 0; g < std::min(answer.size(), counts.size() - 1); ++g) {
                counts[g] += answer[g] != 0;
                any = any || answer[g] != 0;
            }
            counts.back() += !any;
        }
    }
}

}  // namespace

QString partTitle(DataPart part) {
    return part == DataPart::Train        ? tr("Training")
           : part == DataPart::Validation ? tr("Validation")
                                          : tr("Test");
}

bool BrowserData::isTable() const {
    if (!any()) return false;
    const SampleSpec spec = any()->spec();
    return spec.isTensor && spec.dims.size() != 3;
}

int BrowserData::groupOf(const BrowserItem& item) const {
    if (groups.isEmpty()) return -1;
    if (severalLabels) {
        const std::vector<float> answer = dataset(item.split).answer(item.index);
        for (std::size_t g = 0; g < answer.size(); ++g)
            if (answer[g] != 0) return static_cast<int>(g);
        return static_cast<int>(groups.size()) - 1;
    }
    const auto& all = labels[static_cast<std::size_t>(item.split)];
    const auto at = static_cast<std::size_t>(item.index);
    if (at >= all.size()) return -1;
    return all[at] >= 0 && all[at] < classes ? all[at] : static_cast<int>(groups.size()) - 1;
}

bool BrowserData::isIn(const BrowserItem& item, int group) const {
    if (!severalLabels || group == groups.size() - 1) return groupOf(item) == group;
    const std::vector<float> answer = dataset(item.split).answer(item.index);
    return static_cast<std::size_t>(group) < answer.size() &&
           answer[static_cast<std::size_t>(group)] != 0;
}

QString BrowserData::answerOf(const BrowserItem& item) const {
    if (severalLabels) {
        const std::vector<float> answer = dataset(item.split).answer(item.index);
        QStringList names;
        int more = 0;
        for (std::size_t g = 0; g < answer.size(); ++g) {
            if (answer[g] == 0 || static_cast<qsizetype>(g) >= groups.size()) continue;
            if (names.size() < kNamesShown)
                names << groups[static_cast<qsizetype>(g)];
            else
                ++more;
        }
        if (more > 0) names << tr("%1 more").arg(more);
        return names.isEmpty() ? groups.last() : names.join(QStringLiteral(", "));
    }
    const int group = groupOf(item);
    if (group >= 0) return groups[group];
    const std::vector<float> answer = dataset(item.split).answer(item.index);
    if (!answer.empty()) return QStringLiteral("→ ") + answerText(answer);
    return QString::number(dataset(item.split).label(item.index));
}

QString BrowserData::nameOf(const BrowserItem& item) const {
    return q(dataset(item.split).nameOf(item.index));
}

std::vector<BrowserItem> BrowserData::itemsOf(DataPart part) const {
    const Split split = part == DataPart::Test ? Split::Test : Split::Train;
    std::vector<BrowserItem> items;
    const auto& indices = parts[static_cast<std::size_t>(part)];
    items.reserve(indices.size());
    for (const std::int64_t index : indices) items.push_back({split, index});
    return items;
}

std::shared_ptr<const BrowserData> openBrowserData(const DataSection& section,
                                                   const std::atomic<bool>& cancelled) {
    auto data = std::make_shared<BrowserData>();
    for (const Split split : {Split::Train, Split::Test}) {
        auto opened = openDataset(section.dataset.kind, section.dataset.params, split);
        if (opened) {
            data->sets[static_cast<std::size_t>(split)] = *opened;
        } else if (data->problem.isEmpty()) {
            data->problem = q(opened.error().message);
            data->hint = q(opened.error().hint);
        }
    }
    if (!data->any()) return data;
    // One split is enough to look at; the check tells what became of the other.
    data->problem.clear();
    for (std::size_t s = 0; s < 2; ++s) {
        auto& part = data->parts[s == 0 ? 0 : 2];
        if (!data->sets[s]) continue;
        part.resize(static_cast<std::size_t>(data->sets[s]->size()));
        std::iota(part.begin(), part.end(), 0);
    }
    if (section.validation && data->sets[0])
        if (auto cut = cutDataset(*data->sets[0], *section.validation)) {
            data->parts[0] = std::move(cut->rest);
            data->parts[1] = std::move(cut->part);
        }
    readLabels(*data, cancelled);
    nameGroups(*data);
    countGroups(*data, cancelled);
    return data;
}

std::vector<BrowserSection> filterItems(const BrowserData& data, const BrowserFilter& filter,
                                        const std::atomic<bool>& cancelled) {
    if (!data.any()) return {};
    const QString search = filter.search.trimmed();
    bool isNumber = false;
    const qint64 number = search.toLongLong(&isNumber);
    std::set<int> namedGroups;
    if (!search.isEmpty())
        for (int g = 0; g < data.groups.size(); ++g)
            if (data.groups[g].contains(search, Qt::CaseInsensitive)) namedGroups.insert(g);
    const auto isFound = [&](const BrowserItem& item) {
        if (isNumber && item.index == number) return true;
        for (const int group : namedGroups)
            if (data.isIn(item, group)) return true;
        const QString name = data.nameOf(item);
        // Where a sample lies in no file of its own, its name is but its number.
        if (name.contains(QLatin1Char('/')) && name.contains(search, Qt::CaseInsensitive))
            return true;
        for (const std::string& caption : data.dataset(item.split).annotations(item.index).captions)
            if (q(caption).contains(search, Qt::CaseInsensitive)) return true;
        return false;
    };
    BrowserSection all;
    for (const BrowserItem& item :
         filter.exact.empty() ? data.itemsOf(filter.part) : filter.exact) {
        if (cancelled) return {};
        if (!filter.groups.empty() &&
            std::none_of(filter.groups.begin(), filter.groups.end(),
                         [&](int group) { return data.isIn(item, group); }))
            continue;
        if (search.isEmpty() || isFound(item)) all.items.push_back(item);
    }
    if (!filter.grouped || data.groups.isEmpty() || data.severalLabels || !filter.exact.empty())
        return {std::move(all)};
    std::vector<BrowserSection> sections(static_cast<std::size_t>(data.groups.size()));
    for (const BrowserItem& item : all.items)
        sections[static_cast<std::size_t>(data.groupOf(item))].items.push_back(item);
    for (int g = 0; g < data.groups.size(); ++g)
        sections[static_cast<std::size_t>(g)].title = data.groups[g];
    std::erase_if(sections, [](const BrowserSection& section) { return section.items.empty(); });
    return sections;
}

}  // namespace loom
