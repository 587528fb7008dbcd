#include "widgets/runs/try_samples.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "core/data/subset.h"
#include "core/data/typed_row.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/sample_image.h"

namespace loom {

namespace {

QString joinedCells(const std::vector<std::string>& cells) {
    QStringList list;
    for (const std::string& cell : cells) list << q(cell);
    // What stands in no cell is between them, so that the line is read back as it was.
    const QString all = list.join(QString());
    return list.join(all.contains(QLatin1Char(';'))   ? QStringLiteral("\t")
                     : all.contains(QLatin1Char(',')) ? QStringLiteral("; ")
                                                      : QStringLiteral(", "));
}

}  // namespace

TrySamples readTrySamples(const Choice& choice, int count, unsigned roll,
                          const std::atomic<bool>& cancelled) {
    TrySamples samples;
    const auto dataset = openSamples(choice);
    if (!dataset) {
        samples.problem = q(dataset.error().message);
        return samples;
    }
    samples.ofTraining = !lacksTestSet(choice).empty();
    const auto columns = typedColumns(**dataset);
    for (const TypedColumn& column : columns) samples.columns << q(column.name);
    samples.table = dynamic_cast<const TypedRows*>(dataset->get()) != nullptr;
    std::mt19937 random(roll);
    for (int i = 0; i < count && !cancelled && (*dataset)->size() > 0; ++i) {
        std::uniform_int_distribution<std::int64_t> any(0, (*dataset)->size() - 1);
        const std::int64_t index = any(random);
        auto sample = (*dataset)->sample(index);
        if (!sample) {
            samples.problem = q(sample.error().message);
            break;
        }
        TrySamples::Item item;
        item.image = sampleImage(**dataset, index, sample->input);
        const auto& classes = (*dataset)->classes();
        item.className = answerText((*dataset)->answer(index));
        if (sample->label >= 0 && sample->label < static_cast<std::int64_t>(classes.size()))
            item.className = q(classes[static_cast<std::size_t>(sample->label)]);
        item.input = std::move(sample->input);
        if (!columns.empty()) item.cells = joinedCells(cellsOf(**dataset, index));
        samples.items.push_back(std::move(item));
    }
    return samples;
}

}  // namespace loom
