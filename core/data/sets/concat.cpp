#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/choice.h"
#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/data/dataset.h"
#include "core/data/sets/class_names.h"
#include "core/data/sets/table_source.h"

namespace loom {
namespace {

constexpr int kDeepest = 8;

const char* const kHowTo =
    "Add two or more data sets whose samples have the same size and whose answers are of the same "
    "kind.";

/// A member with the place of each of its classes among those of the whole.
struct Member {
    std::shared_ptr<const Dataset> dataset;
    std::vector<std::int64_t> labels;
};

class ConcatenatedDataset : public Dataset {
public:
    ConcatenatedDataset(std::vector<Member> members, std::vector<std::string> classes,
                        SampleSpec spec)
        : m_members(std::move(members)), m_classes(std::move(classes)), m_spec(std::move(spec)) {
        std::int64_t end = 0;
        for (const Member& member : m_members) m_ends.push_back(end += member.dataset->size());
    }

    std::int64_t size() const override { return m_ends.back(); }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"Sample " + groupDigits(index) + " was asked for, but there are only " +
                         groupDigits(size()) + "."};
        const auto [member, at] = find(index);
        auto sample = member->dataset->sample(at);
        if (sample) sample->label = ours(*member, sample->label);
        return sample;
    }
    std::int64_t label(std::int64_t index) const override {
        const auto [member, at] = find(index);
        return ours(*member, member->dataset->label(at));
    }
    std::vector<float> answer(std::int64_t index) const override {
        const auto [member, at] = find(index);
        return member->dataset->answer(at);
    }
    const std::vector<std::string>& classes() const override { return m_classes; }
    std::vector<std::string> answerNames() const override { return first().answerNames(); }
    std::vector<std::string> inputNames() const override { return first().inputNames(); }
    Annotations annotations(std::int64_t index) const override {
        const auto [member, at] = find(index);
        Annotations all = member->dataset->annotations(at);
        for (Box& box : all.boxes) box.label = ours(*member, box.label);
        return all;
    }
    bool displayTransposed() const override {
        return allOf([](const Dataset& one) { return one.displayTransposed(); });
    }
    SampleSpec spec() const override { return m_spec; }
    bool hasEncodedPictures() const override {
        return allOf([](const Dataset& one) { return one.hasEncodedPictures(); });
    }
    Result<std::string> encodedPicture(std::int64_t index) const override {
        const auto [member, at] = find(index);
        return member->dataset->encodedPicture(at);
    }
    std::string nameOf(std::int64_t index) const override {
        const auto [member, at] = find(index);
        return member->dataset->nameOf(at);
    }
    std::int64_t bytesInMemory() const override {
        std::int64_t bytes = 0;
        for (const Member& member : m_members) bytes += member.dataset->bytesInMemory();
        return bytes;
    }

private:
    const Dataset& first() const { return *m_members.front().dataset; }
    template <class F>
    bool allOf(F test) const {
        return std::all_of(m_members.begin(), m_members.end(),
                           [&](const Member& member) { return test(*member.dataset); });
    }
    std::pair<const Member*, std::int64_t> find(std::int64_t index) const {
        const auto end = std::upper_bound(m_ends.begin(), m_ends.end(), index);
        const auto place = static_cast<std::size_t>(end - m_ends.begin());
        return {&m_members[place], index - (place == 0 ? 0 : m_ends[place - 1])};
    }
    /// Labels outside of the classes, such as −1 for none, stay what they are.
    static std::int64_t ours(const Member& member, std::int64_t label) {
        const bool known = label >= 0 && label < static_cast<std::int64_t>(member.labels.size());
        return known ? member.labels[static_cast<std::size_t>(label)] : label;
    }

    std::vector<Member> m_members;
    std::vector<std::string> m_classes;
    SampleSpec m_spec;
    std::vector<std::int64_t> m_ends;
};

/// All classes by name, in the order in which they are first met, and where each member's stand.
struct United {
    std::vector<std::string> classes;
    std::vector<std::vector<std::int64_t>> places;  ///< by member
};

/// "1" of one member is "1.0" of another; what a member itself tells apart stays apart.
United united(const std::vector<std::vector<std::string>>& all) {
    United made;
    // Several places where a member has several classes of one name, as ImageNet has two cranes.
    using Places = std::unordered_map<std::string, std::vector<std::int64_t>>;
    Places exact, alike;
    for (const auto& names : all) {
        std::vector<std::int64_t> places(names.size(), -1);
        std::set<std::int64_t> taken;
        const auto takeOf = [&](const Places& known, const std::string& name, std::int64_t& place) {
            const auto found = known.find(name);
            if (place >= 0 || found == known.end()) return;
            for (const std::int64_t one : found->second)
                if (place < 0 && taken.insert(one).second) place = one;
        };
        for (std::size_t i = 0; i < names.size(); ++i) takeOf(exact, names[i], places[i]);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string key = classKey(names[i]);
            takeOf(alike, key, places[i]);
            if (places[i] >= 0) continue;
            places[i] = static_cast<std::int64_t>(made.classes.size());
            taken.insert(places[i]);
            made.classes.push_back(names[i]);
            exact[names[i]].push_back(places[i]);
            alike[key].push_back(places[i]);
        }
        made.places.push_back(std::move(places));
    }
    return made;
}

/// "FashionMNIST (1st)": members may be of one kind.
std::string called(const std::vector<Choice>& choices, std::size_t place) {
    return "data set " + std::to_string(place + 1) + " (" + choices[place].kind + ")";
}

/// Sizes that differ between pictures become unknown; anything else must agree.
Status joinSpecs(SampleSpec& spec, const SampleSpec& other, const std::vector<Choice>& choices,
                 std::size_t place) {
    const bool fits = spec.isTensor == other.isTensor && spec.dims.size() == other.dims.size() &&
                      (spec.isTensor ? spec.dims == other.dims
                                     : spec.dims.empty() || spec.dims[0] == other.dims[0]);
    if (!fits)
        return Error{"The samples of " + called(choices, 0) + " are each " + spec.toSentence() +
                         ", but those of " + called(choices, place) + " " + other.toSentence() +
                         ".",
                     "Only data sets of the same kind of samples can follow each other."};
    for (std::size_t d = 0; d < spec.dims.size(); ++d)
        if (spec.dims[d] != other.dims[d]) spec.dims[d] = -1;
    return {};
}

Status joinTargets(const TargetSpec& target, const TargetSpec& other,
                   const std::vector<Choice>& choices, std::size_t place) {
    const bool bothKnown = !target.dims.empty() && !other.dims.empty();
    if (target.type == other.type &&
        (target.type == TargetSpec::Type::ClassIndex || !bothKnown || target.dims == other.dims))
        return {};
    const auto sentence = [](const TargetSpec& one) {
        return one.type == TargetSpec::Type::ClassIndex
                   ? std::string("a class")
                   : "numbers, " + Shape{one.dims}.toSentence();
    };
    return Error{"The answer of " + called(choices, 0) + " is " + sentence(target) +
                     ", but that of " + called(choices, place) + " is " + sentence(other) + ".",
                 "Only data sets of the same kind of answers can follow each other."};
}

/// What can be said of the members without opening them.
struct Outlook {
    Error problem;
    std::optional<SampleSpec> spec;
    TargetSpec target;
    std::vector<std::string> classes;
    std::vector<std::string> found;
    std::vector<Diagnostic> remarks;
    std::vector<std::string> noTest;  ///< by member; empty where it has something to test with
    /// Empty as long as one member has a test set.
    std::string noTestAtAll() const {
        std::string all;
        for (const std::string& one : noTest) {
            if (one.empty()) return {};
            all += (all.empty() ? "" : " ") + one;
        }
        return all;
    }
};

/// How deep members lie in members.
int depthOf(const Value& list) {
    int deepest = 0;
    for (const Choice& choice : nestedChoices(list))
        if (const Value* inner = choice.params.find("datasets"))
            deepest = std::max(deepest, 1 + depthOf(*inner));
    return deepest;
}

Outlook lookOut(const Settings& settings) {
    Outlook outlook;
    const std::vector<Choice> choices = nestedChoices(settings.value("datasets"));
    if (choices.empty()) {
        outlook.problem = {"ConcatDataset has no data sets yet.", kHowTo};
        return outlook;
    }
    if (depthOf(settings.value("datasets")) > kDeepest) {
        outlook.problem = {"ConcatDataset holds data sets within data sets more than " +
                               std::to_string(kDeepest) + " deep.",
                           "Put them into one list."};
        return outlook;
    }
    std::vector<std::vector<std::string>> classes;
    bool allKnown = true;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const DatasetKind* kind = datasets().find(choices[i].kind);
        if (!kind) {
            outlook.problem = {"There is no data set called " + choices[i].kind + ".",
                               "Choose another data set for place " + std::to_string(i + 1) + "."};
            return outlook;
        }
        for (const ParamProblem& problem : checkParams(kind->params, choices[i].params))
            if (!problem.unknown) {
                outlook.problem = {called(choices, i) + ": " + problem.message, problem.hint};
                return outlook;
            }
        const Settings member(kind->params, choices[i].params);
        const DatasetLocation location = kind->locate(member);
        if (!location.found) {
            outlook.problem = {location.message, location.howToGet};
            return outlook;
        }
        outlook.found.push_back(location.message);
        outlook.noTest.push_back(location.noTest);
        if (kind->remarks)
            for (Diagnostic remark : kind->remarks(member)) {
                // A fix would have to reach into the list.
                remark.fixes.clear();
                outlook.remarks.push_back(std::move(remark));
            }
        const auto spec = kind->spec(member);
        const TargetSpec target = kind->target(member);
        Status fits;
        if (i == 0) outlook.target = target;
        if (fits) fits = joinTargets(outlook.target, target, choices, i);
        if (outlook.target.dims.empty()) outlook.target.dims = target.dims;
        if (fits && spec && outlook.spec) fits = joinSpecs(*outlook.spec, *spec, choices, i);
        if (!fits) {
            outlook.problem = fits.error();
            return outlook;
        }
        if (!outlook.spec) outlook.spec = spec;
        classes.push_back(knownClasses(*kind, choices[i].params));
        allKnown = allKnown && !classes.back().empty();
    }
    if (allKnown) outlook.classes = united(classes).classes;
    outlook.target.classes = static_cast<std::int64_t>(outlook.classes.size());
    return outlook;
}

Result<std::shared_ptr<const Dataset>> open(const Settings& settings, Split split) {
    const Outlook outlook = lookOut(settings);
    if (!outlook.problem.message.empty()) return outlook.problem;
    if (const std::string none = outlook.noTestAtAll(); split == Split::Test && !none.empty())
        return Error{none, kHowTo};
    const std::vector<Choice> choices = nestedChoices(settings.value("datasets"));
    std::vector<Member> members;
    std::vector<std::size_t> placeOf;  ///< of each member in the list
    std::vector<std::vector<std::string>> classes;
    SampleSpec spec;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        // One without a test set still counts for the numbers of classes, as in training.
        const bool away = split == Split::Test && !outlook.noTest[i].empty();
        auto opened = openDataset(choices[i].kind, choices[i].params, away ? Split::Train : split);
        if (!opened) return opened.error();
        const Dataset& dataset = **opened;
        classes.push_back(dataset.classes());
        if (away) continue;
        if (members.empty()) spec = dataset.spec();
        if (auto fits = joinSpecs(spec, dataset.spec(), choices, i); !fits) return fits.error();
        if (!members.empty())
            if (const Dataset& first = *members.front().dataset;
                first.answerNames() != dataset.answerNames())
                return Error{
                    sentence("The numbers of the answers of {first} are {names}, but those "
                             "of {other} are {otherNames}.",
                             {{"first", called(choices, placeOf[0])},
                              {"names", someNames(first.answerNames())},
                              {"other", called(choices, i)},
                              {"otherNames", someNames(dataset.answerNames())}}),
                    "Numbers with the same place must mean the same."};
        members.push_back({std::move(*opened), {}});
        placeOf.push_back(i);
    }
    United all = united(classes);
    for (std::size_t i = 0; i < members.size(); ++i)
        members[i].labels = std::move(all.places[placeOf[i]]);
    return std::shared_ptr<const Dataset>(std::make_shared<ConcatenatedDataset>(
        std::move(members), std::move(all.classes), std::move(spec)));
}

}  // namespace

DatasetKind concatKind() {
    DatasetKind kind;
    kind.info = {
        .id = "ConcatDataset",
        .family = "your own pictures",
        .summary = "several data sets, one after the other",
        .details =
            "The training pictures of all its data sets follow each other, and so do the test "
            "pictures. Their samples must be of the same kind, such as RGB pictures of any size. "
            "Classes are put together by their names: a cat is a cat in both, and MNIST with "
            "FashionMNIST has twenty classes; numbers that are equal, such as 1 and 1.0, are one. "
            "(PyTorch's ConcatDataset keeps the numbers, so that "
            "digit 0 and the T-shirt would be one class; where all have the same classes, the two "
            "do the same.) Answers in numbers must have the same names.",
        .python = "torch.utils.data.ConcatDataset",
        .keywords = {"concatenate", "join", "merge", "several", "combine", "together"}};
    kind.params = {{.key = "datasets",
                    .type = ParamType::Kinds,
                    .hint = "The data sets, each with its own settings, in order.",
                    .required = true,
                    .suggestion = nestedValue({{"ImageFolder"}, {"ImageFolder"}})}};
    kind.spec = [](const Settings& settings) { return lookOut(settings).spec; };
    kind.target = [](const Settings& settings) { return lookOut(settings).target; };
    kind.classNamesOf = [](const Settings& settings) { return lookOut(settings).classes; };
    kind.remarks = [](const Settings& settings) { return lookOut(settings).remarks; };
    kind.wholeRange =
        [](const Settings& settings) -> std::optional<std::pair<std::int64_t, std::int64_t>> {
        if (!lookOut(settings).problem.message.empty()) return std::nullopt;
        std::optional<std::pair<std::int64_t, std::int64_t>> all;
        for (const Choice& one : nestedChoices(settings.value("datasets"))) {
            const DatasetKind* member = datasets().find(one.kind);
            const auto range = member && member->wholeRange
                                   ? member->wholeRange(Settings(member->params, one.params))
                                   : std::nullopt;
            if (!range) return std::nullopt;
            all = all ? std::pair(std::min(all->first, range->first),
                                  std::max(all->second, range->second))
                      : *range;
        }
        return all;
    };
    kind.locate = [](const Settings& settings) {
        const Outlook outlook = lookOut(settings);
        DatasetLocation location{outlook.problem.message.empty(), "", outlook.problem.message,
                                 outlook.problem.hint.empty() ? kHowTo : outlook.problem.hint};
        for (const std::string& found : outlook.found)
            if (location.found) location.message += (location.message.empty() ? "" : " ") + found;
        location.noTest = outlook.noTestAtAll();
        return location;
    };
    kind.open = open;
    return kind;
}

}  // namespace loom
