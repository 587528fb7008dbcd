#pragma once

#include <QString>
#include <QStringList>
#include <vector>

#include "core/check/shape_report.h"
#include "widgets/explain/help_kinds.h"

namespace loom {

/// What a help page says, made from a kind's catalogue entry and, where there is one, a block of
/// the drawing. A value: the view shows it, tests read it.
struct HelpPage {
    struct Line {
        QString label, text;
        bool operator==(const Line&) const = default;
    };
    struct Figure {
        QString label, value, how;  ///< how: where the number comes from
        bool operator==(const Figure&) const = default;
    };
    struct Param {
        QString name, type, defaultText, range, hint;
        QString since;     ///< since when Python has it, or the default; empty: always
        QString value;     ///< in force on the block; empty without a block
        bool set = false;  ///< other than the default, on the block
        bool operator==(const Param&) const = default;
    };
    struct Port {
        QString name, hint, shape;
        bool optional = false;
        bool operator==(const Port&) const = default;
    };
    struct Link {
        QString key, title, summary;
        bool operator==(const Link&) const = default;
    };

    QString key;  ///< "layer/Conv2d"
    QString title, family, catalogue;
    QString summary;  ///< a sentence: "Conv2d slides small filters over the picture."
    QString details;
    QStringList formula;  ///< one equation a line

    QString block;            ///< the block whose numbers stand here; empty: none
    QString shapes;           ///< "1×28×28  →  32×26×26"
    QString problem;          ///< why there are no numbers
    QStringList others;       ///< blocks of this kind in the drawing, where none is chosen
    std::vector<Line> sizes;  ///< formulas with the block's numbers
    std::vector<Figure> counts;
    QString code;        ///< the call in Python
    QString pythonName;  ///< "torch.nn.Conv2d"
    QString since;       ///< "since PyTorch 2.4"; empty: always
    std::vector<Param> params;
    std::vector<Port> inputs, outputs;
    std::vector<Line> facts;
    std::vector<Link> related;
    QStringList keywords;

    bool operator==(const HelpPage&) const = default;
};

/// The page of a kind; with a block of that kind, its numbers too.
HelpPage makeHelpPage(const HelpKind& kind, const Graph& graph, const ShapeReport& report,
                      const NodeId& block = {});

/// "whole number, or a list of 2"
QString typeText(const ParamSpec& spec);
/// "at least 1", "from 0 to 1"; empty where every value goes.
QString rangeText(const ParamSpec& spec);

}  // namespace loom
