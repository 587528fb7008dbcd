#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/train/schedule_parts.h"

namespace loom {
namespace {

/// A function of the epoch that scripts give as `lr_lambda`, with its numbers in braces.
struct LambdaForm {
    std::string name;
    std::string python;  ///< "min(1.0, (epoch + 1) / {warmup})"
    double (*factor)(const Settings& s, double epoch);
};

double warm(const Settings& s, double epoch) {
    return (epoch + 1) / s.number("warmup");
}

/// How much of the way from `warmup` to `total` is left: 1 to 0.
double way(const Settings& s) {
    return std::max(1.0, s.number("total") - s.number("warmup"));
}

const std::vector<LambdaForm>& rateForms() {
    static const std::vector<LambdaForm> forms = {
        {"warmup", "min(1.0, (epoch + 1) / {warmup})",
         [](const Settings& s, double e) { return std::min(1.0, warm(s, e)); }},
        {"warmup_linear",
         "min((epoch + 1) / {warmup}, max(0.0, ({total} - epoch) / max(1, {total} - {warmup})))",
         [](const Settings& s, double e) {
             return std::min(warm(s, e), std::max(0.0, (s.number("total") - e) / way(s)));
         }},
        {"warmup_cosine",
         "(epoch + 1) / {warmup} if epoch < {warmup} else 0.5 * (1 + math.cos(math.pi * min(1.0, "
         "(epoch - {warmup}) / max(1, {total} - {warmup}))))",
         [](const Settings& s, double e) {
             if (e < s.number("warmup")) return warm(s, e);
             return 0.5 * (1 + std::cos(std::numbers::pi *
                                        std::min(1.0, (e - s.number("warmup")) / way(s))));
         }},
        {"inverse_sqrt", "min((epoch + 1) / {warmup}, ({warmup} / (epoch + 1)) ** 0.5)",
         [](const Settings& s, double e) {
             return std::min(warm(s, e), std::pow(s.number("warmup") / (e + 1), 0.5));
         }},
        {"inverse_time", "1 / (1 + {k} * epoch)",
         [](const Settings& s, double e) { return 1 / (1 + s.number("k") * e); }},
        {"polynomial", "max(0.0, 1 - epoch / {total}) ** {power}",
         [](const Settings& s, double e) {
             return std::pow(std::max(0.0, 1 - e / s.number("total")), s.number("power"));
         }},
        {"exponential", "{gamma} ** epoch",
         [](const Settings& s, double e) { return std::pow(s.number("gamma"), e); }}};
    return forms;
}

const std::vector<LambdaForm>& stepForms() {
    static const std::vector<LambdaForm> forms = {
        {"constant", "{gamma}", [](const Settings& s, double) { return s.number("gamma"); }},
        {"until", "{gamma} if epoch <= {total} else 1.0",
         [](const Settings& s, double e) {
             return e <= s.number("total") ? s.number("gamma") : 1.0;
         }},
        {"every", "{gamma} if epoch % {step_size} == 0 else 1.0",
         [](const Settings& s, double e) {
             return std::fmod(e, s.number("step_size")) == 0 ? s.number("gamma") : 1.0;
         }},
        {"inverse_sqrt", "(epoch / (epoch + 1)) ** 0.5",
         [](const Settings&, double e) { return std::pow(e / (e + 1), 0.5); }}};
    return forms;
}

const LambdaForm& formOf(const std::vector<LambdaForm>& forms, const Settings& s) {
    const std::string name = s.text("lr_lambda");
    const auto found =
        std::find_if(forms.begin(), forms.end(), [&](const auto& f) { return f.name == name; });
    return found == forms.end() ? forms.front() : *found;
}

std::string pythonOf(const LambdaForm& form, const Settings& s) {
    std::string text = "lambda epoch: " + form.python;
    for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{')) {
        const std::size_t close = text.find('}', open);
        text.replace(open, close - open + 1,
                     s.value(text.substr(open + 1, close - open - 1)).toPython());
    }
    return text;
}

/// A lambda over settings of its own.
class LambdaSchedule : public PythonSchedule {
public:
    LambdaSchedule(const std::vector<LambdaForm>& forms, const Settings& s)
        : m_specs(s.specs()), m_params(s.params()), m_form(&formOf(forms, s)) {}

protected:
    double factor() const {
        return m_form->factor(Settings(m_specs, m_params), static_cast<double>(m_last));
    }

private:
    std::vector<ParamSpec> m_specs;
    Params m_params;
    const LambdaForm* m_form;
};

class LambdaLr : public LambdaSchedule {
public:
    explicit LambdaLr(const Settings& s) : LambdaSchedule(rateForms(), s) {}

protected:
    double rate(GroupRates&, std::size_t index) override { return m_base[index] * factor(); }
};

class MultiplicativeLr : public LambdaSchedule {
public:
    explicit MultiplicativeLr(const Settings& s) : LambdaSchedule(stepForms(), s) {}

protected:
    double rate(GroupRates& group, std::size_t) override {
        return m_last > 0 ? group.lr * factor() : group.lr;
    }
};

/// The choice of a form and the numbers that any of the forms takes, each shown with those.
std::vector<ParamSpec> formParams(const std::vector<LambdaForm>& forms, const std::string& hint,
                                  std::vector<ParamSpec> numbers) {
    ParamSpec choice{.key = "lr_lambda",
                     .type = ParamType::Choice,
                     .hint = hint,
                     .required = true,
                     .suggestion = forms.front().name};
    for (const LambdaForm& form : forms) choice.choices.push_back(form.name);
    std::vector<ParamSpec> params = {choice};
    for (ParamSpec& spec : numbers) {
        List users;
        for (const LambdaForm& form : forms)
            if (form.python.find("{" + spec.key + "}") != std::string::npos)
                users.emplace_back(form.name);
        spec.visibleWhenKey = "lr_lambda";
        spec.visibleWhenValue = Value(users);
        params.push_back(std::move(spec));
    }
    params.push_back(intervalParam());
    return params;
}

}  // namespace

std::vector<SchedulerKind> lambdaSchedulers() {
    SchedulerKind rate = schedulerKind(
        {.id = "LambdaLR",
         .family = "schedule",
         .summary = "multiplies the learning rate by a function of the epoch",
         .details = "The forms that scripts mostly write: warm-ups, inverse powers, polynomials.",
         .keywords = {"lambda", "warm-up", "warmup", "noam", "transformer", "inverse"},
         .formula = "rate = lr · λ(epoch)"},
        formParams(
            rateForms(), "The function; below it stands as one writes it in Python.",
            {scheduleCount("warmup", "Epochs until the whole rate.", 5),
             scheduleCount("total", "Epochs until the end of the fall.", 50),
             scheduleNumber("k", "How fast it falls.", 0.1),
             scheduleNumber("power", "1 is a straight line.", 1.0),
             scheduleNumber("gamma", "What the factor is multiplied by at each step.", 0.95)}));
    rate.lambda = [](const Settings& s) { return pythonOf(formOf(rateForms(), s), s); };
    rate.build = scheduleBuilder<LambdaLr>();
    SchedulerKind step = schedulerKind(
        {.id = "MultiplicativeLR",
         .family = "schedule",
         .summary = "multiplies the rate now by a function of the epoch, again and again",
         .keywords = {"lambda", "decay"},
         .formula = "rate ← rate · λ(epoch)"},
        formParams(stepForms(), "The function; below it stands as one writes it in Python.",
                   {scheduleNumber("gamma", "What the rate is multiplied by.", 0.95),
                    scheduleCount("step_size", "Epochs between two steps down.", 3),
                    scheduleCount("total", "The last epoch in which the rate falls.", 10)}));
    step.lambda = [](const Settings& s) { return pythonOf(formOf(stepForms(), s), s); };
    step.build = scheduleBuilder<MultiplicativeLr>();
    return {std::move(rate), std::move(step)};
}

}  // namespace loom
