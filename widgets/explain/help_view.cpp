#include "widgets/explain/help_view.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

/// A link in a label that the keyboard reaches too.
QLabel* makeLinks(const QString& html, QWidget* parent) {
    auto* label = new QLabel(html, parent);
    label->setTextFormat(Qt::RichText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    label->setFocusPolicy(Qt::StrongFocus);
    return label;
}

QString link(const QString& target, const QString& text) {
    return QStringLiteral("<a href=\"%1\" style=\"text-decoration:none; color:%2\">%3</a>")
        .arg(target.toHtmlEscaped(), tokens().accent.name(), text.toHtmlEscaped());
}

}  // namespace

HelpView::HelpView(QWidget* parent) : QWidget(parent), m_outer(new QVBoxLayout(this)) {
    m_outer->setContentsMargins(0, 0, 0, 0);
    // Colours stand in the text of links.
    connect(&Theme::instance(), &Theme::changed, this, &HelpView::rebuild);
}

void HelpView::setPage(const HelpPage& page) {
    if (m_area && page == m_page) return;
    const bool other = page.key != m_page.key || page.block != m_page.block;
    if (other) m_partsText.clear();
    m_page = page;
    rebuild();
    if (other) scrollToTop();
}

void HelpView::setParameterParts(const QString& text) {
    m_partsText = text;
    if (!m_parts) return;
    m_parts->setText(text);
    m_parts->setVisible(!text.isEmpty());
}

void HelpView::setExtra(QWidget* extra) {
    m_extra = extra;
    m_extra->setParent(this);
    if (m_area) rebuild();
}

void HelpView::scrollToTop() {
    if (m_area) m_area->verticalScrollBar()->setValue(0);
}

Card* HelpView::addCard(const QString& title) {
    auto* card = new Card(title, m_body);
    m_column->addWidget(card);
    return card;
}

QLabel* HelpView::addSelectable(QVBoxLayout* to, const QString& text, const char* role) {
    QLabel* label = makeWrappedLabel(text, role, m_body);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    to->addWidget(label);
    return label;
}

void HelpView::rebuild() {
    if (m_page.key.isEmpty()) return;
    const int scrolled = m_area ? m_area->verticalScrollBar()->value() : 0;
    const bool focused =
        m_area && (m_area->hasFocus() || m_area->isAncestorOf(QApplication::focusWidget()));
    const bool extraShown = m_extra && !m_extra->isHidden();
    if (m_area) {
        if (m_extra) m_extra->setParent(this);  // which hides it
        // A link in it may be the sender of what led here.
        m_area->hide();
        m_area->deleteLater();
    }
    m_parts = nullptr;
    m_body = new QWidget;
    m_column = new QVBoxLayout(m_body);
    m_column->setContentsMargins(14, 6, 14, 14);
    m_column->setSpacing(10);
    addHead();
    if (!m_page.formula.isEmpty()) {
        Card* card = addCard(tr("How it computes"));
        card->body()->setSpacing(2);
        for (const QString& line : m_page.formula) addSelectable(card->body(), line, "mono");
    }
    addBlock();
    if (m_extra) {
        m_column->addWidget(m_extra);
        m_extra->setVisible(extraShown);
    }
    addCode();
    addParams();
    addPorts();
    addLinks();
    m_column->addStretch(1);
    m_area = makeScrollColumn(m_body, this);
    m_area->setFocusPolicy(Qt::StrongFocus);
    m_area->setAccessibleName(tr("Help on %1").arg(m_page.title));
    m_outer->addWidget(m_area);
    setFocusProxy(m_area);
    m_body->show();
    if (focused) m_area->setFocus();
    m_area->verticalScrollBar()->setValue(scrolled);
}

void HelpView::addHead() {
    auto* head = new QVBoxLayout;
    head->setSpacing(4);
    QLabel* summary = addSelectable(head, m_page.summary, "strong");
    summary->setObjectName(QStringLiteral("help.summary"));
    if (!m_page.details.isEmpty()) addSelectable(head, m_page.details, "");
    m_column->addLayout(head);
}

void HelpView::addBlock() {
    if (m_page.block.isEmpty()) {
        if (m_page.others.isEmpty()) return;
        QStringList names;
        for (const QString& id : m_page.others.mid(0, 12)) names << link(id, id);
        Card* card = addCard(tr("In this network"));
        QLabel* label = makeLinks(names.join(QStringLiteral(",  ")), m_body);
        connect(label, &QLabel::linkActivated, this, &HelpView::blockActivated);
        card->body()->addWidget(label);
        return;
    }
    Card* card = addCard(tr("In this network"));
    QVBoxLayout* body = card->body();
    body->setSpacing(2);
    auto* name = new QHBoxLayout;
    name->setSpacing(10);
    name->addWidget(makeLabel(m_page.block, "strong", m_body));
    QLabel* shapes = makeLabel(m_page.shapes, "number", m_body);
    shapes->setTextInteractionFlags(Qt::TextSelectableByMouse);
    name->addWidget(shapes);
    name->addStretch(1);
    body->addLayout(name);
    if (!m_page.problem.isEmpty()) {
        addSelectable(body, m_page.problem, "danger");
        return;
    }
    for (const HelpPage::Line& line : m_page.sizes) {
        body->addSpacing(4);
        body->addWidget(makeLabel(line.label, "small", m_body));
        addSelectable(body, line.text, "mono");
    }
    for (const HelpPage::Figure& figure : m_page.counts) {
        body->addSpacing(4);
        auto* row = new QHBoxLayout;
        row->setSpacing(8);
        row->addWidget(makeLabel(figure.label, "small", m_body));
        QLabel* value = makeLabel(figure.value, "number", m_body);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        row->addWidget(value);
        row->addStretch(1);
        body->addLayout(row);
        addSelectable(body, figure.how, "small");
        if (!m_parts) {
            m_parts = addSelectable(body, m_partsText, "mono");
            m_parts->setVisible(!m_partsText.isEmpty());
        }
    }
}

void HelpView::addCode() {
    if (m_page.code.isEmpty()) return;
    Card* card = addCard({});
    auto* top = new QHBoxLayout;
    top->addWidget(new SectionLabel(tr("In PyTorch"), m_body), 1);
    QPushButton* copy =
        makeButton(tr("Copy"), ButtonKind::Secondary, QStringLiteral("copy"), m_body);
    copy->setObjectName(QStringLiteral("help.copy"));
    top->addWidget(copy);
    card->body()->addLayout(top);
    QLabel* code = addSelectable(card->body(), m_page.code, "mono");
    code->setObjectName(QStringLiteral("help.code"));
    code->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    if (!m_page.pythonName.isEmpty())
        addSelectable(card->body(),
                      m_page.since.isEmpty()
                          ? m_page.pythonName
                          : m_page.pythonName + QStringLiteral(" · ") + m_page.since,
                      "small");
    connect(copy, &QPushButton::clicked, this, [this] {
        QApplication::clipboard()->setText(m_page.code);
        Q_EMIT statusMessage(tr("Copied: %1").arg(m_page.code));
    });
}

void HelpView::addParams() {
    if (m_page.params.empty()) return;
    Card* card = addCard(tr("Parameters"));
    for (const HelpPage::Param& param : m_page.params) {
        auto* row = new QVBoxLayout;
        row->setSpacing(1);
        auto* top = new QHBoxLayout;
        top->setSpacing(8);
        QLabel* name = makeLabel(param.name, "number", m_body);
        name->setTextInteractionFlags(Qt::TextSelectableByMouse);
        top->addWidget(name);
        if (!param.value.isEmpty()) {
            // What was set here stands out from what is Python's own.
            auto* value = new KeyCap(param.value, m_body);
            value->setProperty("set", param.set);
            if (param.set)
                value->setStyleSheet(QStringLiteral("QLabel { background: %1; color: %2; "
                                                    "border-color: %2; }")
                                         .arg(tokens().accentSoft.name(), tokens().accent.name()));
            value->setToolTip(param.set ? tr("Set on %1").arg(m_page.block)
                                        : tr("In force on %1, not set by hand").arg(m_page.block));
            top->addWidget(value);
        }
        top->addStretch(1);
        row->addLayout(top);
        QStringList facts{param.type};
        if (!param.range.isEmpty()) facts << param.range;
        facts << (param.defaultText.startsWith(tr("no default")) ||
                          param.defaultText == tr("found from what arrives")
                      ? param.defaultText
                      : tr("default %1").arg(param.defaultText));
        addSelectable(row, facts.join(QStringLiteral(" · ")), "small");
        if (!param.hint.isEmpty()) addSelectable(row, param.hint, "");
        if (!param.since.isEmpty()) addSelectable(row, param.since, "small");
        card->body()->addLayout(row);
    }
}

void HelpView::addPorts() {
    if (m_page.inputs.empty() && m_page.outputs.empty()) return;
    Card* card = addCard(tr("Inputs and outputs"));
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(10);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(2, 1);
    int row = 0;
    const auto add = [&](const HelpPage::Port& port, const QString& way) {
        grid->addWidget(makeLabel(way, "small", m_body), row, 0, Qt::AlignTop);
        grid->addWidget(makeLabel(port.name, "number", m_body), row, 1, Qt::AlignTop);
        QStringList texts;
        if (!port.shape.isEmpty()) texts << port.shape;
        if (port.optional) texts << (way == tr("in") ? tr("may stay free") : tr("on demand"));
        if (!port.hint.isEmpty()) texts << port.hint;
        grid->addWidget(makeWrappedLabel(texts.join(QStringLiteral(" · ")), "small", m_body), row++,
                        2, Qt::AlignTop);
    };
    for (const HelpPage::Port& port : m_page.inputs) add(port, tr("in"));
    for (const HelpPage::Port& port : m_page.outputs) add(port, tr("out"));
    card->body()->addLayout(grid);
}

void HelpView::addLinks() {
    for (const HelpPage::Line& fact : m_page.facts) {
        Card* card = addCard(fact.label);
        addSelectable(card->body(), fact.text, "");
    }
    if (!m_page.related.empty()) {
        Card* card = addCard(tr("Related"));
        card->body()->setSpacing(4);
        QStringList lines;
        for (const HelpPage::Link& other : m_page.related)
            lines << link(other.key, other.title) +
                         QStringLiteral(" <span style=\"color:%1\">%2</span>")
                             .arg(tokens().muted.name(), other.summary.toHtmlEscaped());
        QLabel* label = makeLinks(lines.join(QStringLiteral("<br>")), m_body);
        label->setObjectName(QStringLiteral("help.related"));
        connect(label, &QLabel::linkActivated, this, &HelpView::linkActivated);
        card->body()->addWidget(label);
    }
    if (!m_page.keywords.isEmpty())
        m_column->addWidget(makeWrappedLabel(
            tr("Also found as: %1").arg(m_page.keywords.join(QStringLiteral(", "))), "small",
            m_body));
}

}  // namespace loom
