#include "widgets/inspector/param_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <algorithm>

#include "widgets/inspector/param_row.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

std::vector<ParamSpec> specs() {
    std::vector<ParamSpec> all;
    all.push_back({.key = "in_channels",
                   .type = ParamType::Int,
                   .hint = "What arrives.",
                   .inferred = true,
                   .minimum = 1});
    all.push_back({.key = "out_channels",
                   .type = ParamType::Int,
                   .hint = "Filters.",
                   .required = true,
                   .minimum = 1});
    all.push_back({.key = "kernel_size",
                   .type = ParamType::Ints,
                   .required = true,
                   .arity = 2,
                   .minimum = 1});
    all.push_back(
        {.key = "stride", .type = ParamType::Ints, .defaultValue = 1, .arity = 2, .minimum = 1});
    all.push_back({.key = "padding",
                   .type = ParamType::Ints,
                   .defaultValue = 0,
                   .arity = 2,
                   .minimum = 0,
                   .choices = {"same", "valid"}});
    all.push_back({.key = "bias", .type = ParamType::Bool, .defaultValue = true});
    all.push_back({.key = "padding_mode",
                   .type = ParamType::Choice,
                   .defaultValue = "zeros",
                   .choices = {"zeros", "reflect"}});
    all.push_back({.key = "momentum",
                   .type = ParamType::Float,
                   .defaultValue = 0.1,
                   .optional = true,
                   .noneText = "running mean"});
    all.push_back({.key = "nesterov",
                   .type = ParamType::Bool,
                   .defaultValue = false,
                   .visibleWhenKey = "bias",
                   .visibleWhenValue = false});
    return all;
}

}  // namespace

class ParamFormTest : public QObject {
    Q_OBJECT

    /// A form with a document behind it, as the inspector wires it.
    struct Bench {
        ParamForm form;
        Params params{{"out_channels", Value(32)}, {"kernel_size", Value(5)}};
        QList<QPair<QString, QString>> log;

        Bench() {
            form.setSubject(QStringLiteral("conv1"), specs());
            form.setValues(params, {{"in_channels", Value(3)}});
            QObject::connect(&form, &ParamForm::changed, &form,
                             [this](const QString& key, const std::optional<Value>& value) {
                                 log.append({key, value ? QString::fromStdString(value->toPython())
                                                        : QStringLiteral("default")});
                                 if (value)
                                     params.set(key.toStdString(), *value);
                                 else
                                     params.erase(key.toStdString());
                                 form.setValues(params, {{"in_channels", Value(3)}});
                             });
            form.resize(320, 500);
            form.show();
            (void)QTest::qWaitForWindowExposed(&form);
            form.activateWindow();
        }
        QLineEdit* line(const char* key) {
            return qobject_cast<QLineEdit*>(form.editor(QLatin1String(key)));
        }
        void type(const char* key, const char* text) {
            line(key)->setFocus();
            line(key)->selectAll();
            QTest::keyClicks(line(key), QString::fromUtf8(text));
        }
    };

private Q_SLOTS:
    void toolTipsSaySinceWhenPythonHasIt() {
        const ParamRow always({.key = "a", .type = ParamType::Bool, .defaultValue = true});
        QVERIFY(!always.editor()->toolTip().contains(QLatin1String("since")));
        const ParamRow newer(
            {.key = "a", .type = ParamType::Bool, .defaultValue = true, .since = "2.1"});
        QVERIFY(
            newer.editor()->toolTip().contains(QLatin1String("Python has it since PyTorch 2.1.")));
        const ParamRow changed({.key = "a",
                                .type = ParamType::Bool,
                                .defaultValue = true,
                                .formerDefault = Value(false),
                                .defaultSince = "0.17"});
        QVERIFY(changed.editor()->toolTip().contains(
            QLatin1String("The default is True since torchvision 0.17; before, it was False.")));
    }

    void initTestCase() { Theme::apply(*qApp, ThemeMode::Light); }

    void showsDefaultsInferredAndSetValues() {
        Bench bench;
        QCOMPARE(bench.line("in_channels")->text(), QString());
        QCOMPARE(bench.line("in_channels")->placeholderText(), QStringLiteral("3  from input"));
        QCOMPARE(bench.line("kernel_size")->text(), QStringLiteral("5 × 5"));
        QCOMPARE(bench.line("stride")->text(), QStringLiteral("1 × 1"));
        QCOMPARE(bench.line("momentum")->text(), QStringLiteral("0.1"));
        QVERIFY(qobject_cast<QCheckBox*>(bench.form.editor(QStringLiteral("bias")))->isChecked());
        QVERIFY(!bench.form.row(QStringLiteral("nesterov"))->isVisible());
    }

    void typingAnnouncesWhatCanBeRead() {
        Bench bench;
        bench.type("out_channels", "64");
        QCOMPARE(bench.log.last().second, QStringLiteral("64"));
        QCOMPARE(bench.line("out_channels")->text(), QStringLiteral("64"));
        bench.type("kernel_size", "3, 5");
        QCOMPARE(bench.log.last().second, QStringLiteral("[3, 5]"));
        QTest::keyClick(bench.line("kernel_size"), Qt::Key_Return);
        QCOMPARE(bench.line("kernel_size")->text(), QStringLiteral("3 × 5"));
        bench.type("kernel_size", "7x7");
        QCOMPARE(bench.log.last().second, QStringLiteral("7"));
        bench.type("padding", "same");
        QCOMPARE(bench.log.last().second, QStringLiteral("'same'"));
    }

    void backToTheDefaultIsNoValueAtAll() {
        Bench bench;
        bench.type("stride", "2");
        QVERIFY(bench.params.contains("stride"));
        bench.type("stride", "1");
        QVERIFY(!bench.params.contains("stride"));
        bench.type("stride", "4");
        bench.line("stride")->selectAll();
        QTest::keyClick(bench.line("stride"), Qt::Key_Delete);
        QVERIFY(!bench.params.contains("stride"));
        QCOMPARE(bench.line("stride")->text(), QString());
        QTest::keyClick(bench.line("stride"), Qt::Key_Return);
        QCOMPARE(bench.line("stride")->text(), QStringLiteral("1 × 1"));
    }

    void nonsenseIsExplainedAndNotAnnounced() {
        Bench bench;
        bench.type("kernel_size", "abc");
        QVERIFY(bench.log.isEmpty());
        QVERIFY(bench.form.row(QStringLiteral("kernel_size"))
                    ->problemText()
                    .contains(QStringLiteral("whole number")));
        QTest::keyClick(bench.line("kernel_size"), Qt::Key_Escape);
        QCOMPARE(bench.line("kernel_size")->text(), QStringLiteral("5 × 5"));
        QVERIFY(bench.form.row(QStringLiteral("kernel_size"))->problemText().isEmpty());
    }

    /// The 3 of "3,4,5" was taken while it was being typed, and must not stay.
    void theBeginningOfNonsenseIsTakenBack() {
        Bench bench;
        const auto problem = [&] {
            return bench.form.row(QStringLiteral("out_channels"))->problemText();
        };
        for (const char* text : {"3,4,5", "3.5", "12x", "99999999999999999999"}) {
            bench.type("out_channels", text);
            QCOMPARE(bench.params.find("out_channels")->asInt(), 32);
            QCOMPARE(bench.line("out_channels")->text(), QString::fromUtf8(text));
            QVERIFY2(problem().contains(QString::fromUtf8(text)), qPrintable(problem()));
            // The field shows what is in force, and goes on saying what was not taken.
            QTest::keyClick(bench.line("out_channels"), Qt::Key_Return);
            QCOMPARE(bench.line("out_channels")->text(), QStringLiteral("32"));
            QCOMPARE(bench.params.find("out_channels")->asInt(), 32);
            QVERIFY2(problem().contains(QString::fromUtf8(text)), qPrintable(problem()));
        }
        QVERIFY2(problem().contains("must be from 1 to 9007199254740992"), qPrintable(problem()));
        bench.type("out_channels", "64");
        QCOMPARE(problem(), QString());
        QCOMPARE(bench.params.find("out_channels")->asInt(), 64);
        QTest::keyClick(bench.line("out_channels"), Qt::Key_Return);
        bench.type("out_channels", "7,");
        QTest::keyClick(bench.line("out_channels"), Qt::Key_Escape);
        QCOMPARE(bench.line("out_channels")->text(), QStringLiteral("64"));
        QCOMPARE(problem(), QString());
        // The largest number that arrows may step.
        bench.type("out_channels", "9223372036854775807");
        QTest::keyClick(bench.line("out_channels"), Qt::Key_Up);
        QVERIFY(bench.params.find("out_channels")->asInt() > 0);
    }

    void outOfRangeGoesIntoTheDocumentWithItsProblem() {
        Bench bench;
        bench.type("kernel_size", "0");
        QCOMPARE(bench.log.last().second, QStringLiteral("0"));
        QVERIFY(bench.form.row(QStringLiteral("kernel_size"))
                    ->problemText()
                    .contains(QStringLiteral("at least 1")));
    }

    void choicesAndSwitches() {
        Bench bench;
        QTest::mouseClick(bench.form.editor(QStringLiteral("bias")), Qt::LeftButton, {},
                          QPoint(8, 13));
        QCOMPARE(bench.log.last().second, QStringLiteral("False"));
        QVERIFY(bench.form.row(QStringLiteral("nesterov"))->isVisible());
        auto* mode = qobject_cast<QComboBox*>(bench.form.editor(QStringLiteral("padding_mode")));
        mode->setFocus();
        QTest::keyClick(mode, Qt::Key_Down);
        QCOMPARE(bench.log.last().second, QStringLiteral("'reflect'"));
    }

    void arrowsStepTheNumberUnderTheCursor() {
        Bench bench;
        bench.line("kernel_size")->setFocus();
        QTest::keyClick(bench.line("kernel_size"), Qt::Key_Up);
        QCOMPARE(bench.log.last().second, QStringLiteral("6"));
        bench.type("kernel_size", "3 × 5");
        QTest::keyClick(bench.line("kernel_size"), Qt::Key_Down);
        QCOMPARE(bench.log.last().second, QStringLiteral("[3, 4]"));
        bench.type("stride", "1");
        QTest::keyClick(bench.line("stride"), Qt::Key_Down);
        QVERIFY(!bench.params.contains("stride"));
    }

    void aNewSubjectGetsNewRows() {
        Bench bench;
        bench.form.setSubject(QStringLiteral("other"),
                              {{.key = "p", .type = ParamType::Float, .defaultValue = 0.5}});
        bench.form.setValues({});
        QVERIFY(!bench.form.editor(QStringLiteral("kernel_size")));
        QCOMPARE(bench.line("p")->text(), QStringLiteral("0.5"));
    }

    void readOnlyRefusesTyping() {
        Bench bench;
        bench.form.setReadOnly(true);
        bench.type("out_channels", "64");
        QVERIFY(bench.log.isEmpty());
    }

    void unknownParametersAreNamed() {
        Bench bench;
        bench.params.set("kernel", Value(3));
        bench.form.setValues(bench.params);
        const QList<QLabel*> labels = bench.form.findChildren<QLabel*>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](QLabel* label) {
            return label->isVisible() &&
                   label->text().contains(QStringLiteral("no parameter kernel"));
        }));
    }
};

QTEST_MAIN(ParamFormTest)
#include "param_form_test.moc"
