#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "core/base/params.h"

class QLabel;
class QVBoxLayout;

namespace loom {

class ParamRow;

/// A form for any kind's parameters, built from its ParamSpecs alone: layers, data sets,
/// transforms, losses and optimizers all use it. It shows the document's values and announces what
/// the user wants; whoever owns the document edits it and calls setValues with the result.
class ParamForm : public QWidget {
    Q_OBJECT
public:
    explicit ParamForm(QWidget* parent = nullptr);

    /// What to show: `identity` tells one subject from the next ("conv1/Conv2d"). Rows are built
    /// anew when it differs from the last call's, otherwise they keep focus and cursor.
    void setSubject(const QString& identity, const std::vector<ParamSpec>& specs);
    /// `inferred`: values found from what arrives, shown greyed where nothing is set.
    void setValues(const Params& params, const Params& inferred = {});
    void setReadOnly(bool readOnly);
    /// Writes each parameter's sentence under it, where there is room to read.
    void setHintsShown(bool shown);

    bool isEmpty() const { return m_rows.empty(); }
    /// The widget one types into; null for a parameter the form does not have.
    QWidget* editor(const QString& key) const;
    ParamRow* row(const QString& key) const;

Q_SIGNALS:
    /// nullopt: the default shall hold again. Emitted while typing, whenever the text can be read.
    void changed(const QString& key, const std::optional<loom::Value>& value);
    /// An input is complete: what follows is another undo step.
    void finished();

private:
    QString m_identity;
    std::vector<ParamSpec> m_specs;
    std::vector<ParamRow*> m_rows;
    QVBoxLayout* m_column;
    QLabel* m_unknown;
    bool m_readOnly = false;
    bool m_hints = false;
};

}  // namespace loom
