#include "widgets/canvas/fuzzy_match.h"

#include <algorithm>

#include "widgets/bridge/strings.h"

namespace loom {

int fuzzyScore(const QString& typed, const QString& word) {
    if (typed.isEmpty()) return 1;
    const QString small = word.toLower(), wanted = typed.toLower();
    if (small == wanted) return 1000;
    // The best of all first letters: "n" of BatchNorm must not be taken from another place.
    int best = 0;
    for (qsizetype start = 0; start < small.size(); ++start) {
        if (small[start] != wanted[0]) continue;
        int score = 0, run = 0;
        qsizetype next = 0;
        qsizetype last = -2;
        for (qsizetype i = start; i < small.size() && next < wanted.size(); ++i) {
            if (small[i] != wanted[next]) continue;
            const bool begins = i == 0 || word[i].isUpper() ||
                                (word[i].isDigit() && !word[i - 1].isDigit()) ||
                                !word[i - 1].isLetterOrNumber();
            run = i == last + 1 ? run + 1 : 0;
            score += 10 + (begins ? 14 : 0) + run * 8 + (i == 0 ? 12 : 0);
            last = i;
            ++next;
        }
        if (next < wanted.size()) continue;
        best = std::max(best, score - static_cast<int>(small.size() - wanted.size()));
    }
    return std::max(best, 0);
}

std::vector<const LayerKind*> findLayers(const QString& typed) {
    const QString wanted = typed.trimmed();
    std::vector<std::pair<int, const LayerKind*>> found;
    for (const LayerKind& kind : layers()) {
        int score = fuzzyScore(wanted, q(kind.info.id)) * 4;
        for (const std::string& keyword : kind.info.keywords)
            if (q(keyword).startsWith(wanted, Qt::CaseInsensitive)) score = std::max(score, 60);
        // A kind that calls itself by that very word comes before one whose id is a letter closer.
        for (const std::string& keyword : kind.info.keywords)
            if (q(keyword).compare(wanted, Qt::CaseInsensitive) == 0) score += 60;
        if (score == 0 && wanted.size() >= 3 &&
            q(kind.info.family + " " + kind.info.summary).contains(wanted, Qt::CaseInsensitive))
            score = 10;
        if (score > 0) found.emplace_back(score, &kind);
    }
    if (!wanted.isEmpty())
        std::stable_sort(found.begin(), found.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<const LayerKind*> kinds;
    for (const auto& [score, kind] : found) kinds.push_back(kind);
    return kinds;
}

}  // namespace loom
