#include "core/base/choice.h"

namespace loom {

std::vector<Choice> nestedChoices(const Value& list) {
    std::vector<Choice> choices;
    if (!list.isList()) return choices;
    for (const Value& item : list.asList()) {
        if (!item.isDict()) continue;
        Choice choice;
        for (const auto& [key, value] : item.asDict()) {
            if (key == "kind" && value.isString())
                choice.kind = value.asString();
            else if (key == "params" && value.isDict())
                choice.params = value.asDict();
            else
                choice.extras.set(key, value);
        }
        choices.push_back(std::move(choice));
    }
    return choices;
}

Value nestedValue(const std::vector<Choice>& choices) {
    List list;
    for (const Choice& choice : choices) {
        Dict item = {{"kind", Value(choice.kind)}, {"params", Value(choice.params)}};
        for (const auto& [key, value] : choice.extras) item.set(key, value);
        list.push_back(Value(std::move(item)));
    }
    return list;
}

}  // namespace loom
