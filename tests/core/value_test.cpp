#include <QTest>

#include "core/base/json.h"
#include "core/base/params.h"
#include "core/base/shape.h"

using namespace loom;

class ValueTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void floatsReadAsPythonWritesThem() {
        QCOMPARE(formatFloat(0.1), std::string("0.1"));
        QCOMPARE(formatFloat(1), std::string("1.0"));
        QCOMPARE(formatFloat(1e-5), std::string("1e-05"));
        QCOMPARE(formatFloat(0.0001), std::string("0.0001"));
        QCOMPARE(formatFloat(1e16), std::string("1e+16"));
        QCOMPARE(formatFloat(0.286), std::string("0.286"));
        QCOMPARE(formatFloat(-2.5, false), std::string("-2.5"));
        QCOMPARE(formatFloat(3, false), std::string("3"));
    }

    void jsonSurvivesReadingAndWriting() {
        const std::string text =
            "{\"a\": [1, 2.5, true, null], \"b\": {\"c\": \"é\\n\\\"\"}, \"d\": -3, \"e\": 1e-05}";
        const auto value = parseJson(text);
        QVERIFY(value.ok());
        QCOMPARE(printJsonLine(*value), text);
        QVERIFY((*value).asDict().find("a")->asList()[0].isInt());
        QVERIFY((*value).asDict().find("a")->asList()[1].isFloat());
        const auto again = parseJson(printJson(*value));
        QVERIFY(again.ok());
        QVERIFY(*again == *value);
    }

    void longObjectsAreBrokenIntoLines() {
        Dict dict;
        for (int i = 0; i < 12; ++i) dict.set("a_long_key_number_" + std::to_string(i), Value(i));
        const std::string text = printJson(Value(dict));
        QVERIFY(text.starts_with("{\n  \"a_long_key_number_0\": 0,\n"));
        QVERIFY(text.ends_with("\n}\n"));
    }

    void jsonMistakesAreSentences() {
        QVERIFY(parseJson("{\"a\": 1,}").error().message.find("line 1") != std::string::npos);
        QVERIFY(parseJson("{\"a\": 1, \"a\": 2}").error().message.find("twice") !=
                std::string::npos);
        QVERIFY(parseJson(std::string(100000, '[')).error().message.find("100 levels") !=
                std::string::npos);
        QVERIFY(!parseJson("").ok());
        QVERIFY(!parseJson("{\"a\": \"\xff\"}").ok());
    }

    void parametersAreReadFromText_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("python");
        QTest::newRow("int") << int(ParamType::Int) << "5"
                             << "5";
        QTest::newRow("int, not a float") << int(ParamType::Int) << "5.5"
                                          << "";
        QTest::newRow("float from int") << int(ParamType::Float) << "1"
                                        << "1.0";
        QTest::newRow("float") << int(ParamType::Float) << " 1e-3 "
                               << "0.001";
        QTest::newRow("pair with comma") << int(ParamType::Ints) << "5, 3"
                                         << "[5, 3]";
        QTest::newRow("pair with times") << int(ParamType::Ints) << "5 × 3"
                                         << "[5, 3]";
        QTest::newRow("single") << int(ParamType::Ints) << "5"
                                << "5";
        QTest::newRow("tuple") << int(ParamType::Ints) << "(5, 3)"
                               << "[5, 3]";
        QTest::newRow("trailing comma") << int(ParamType::Floats) << "0.5,"
                                        << "0.5";
        QTest::newRow("word") << int(ParamType::Ints) << "same"
                              << "'same'";
        QTest::newRow("nonsense") << int(ParamType::Ints) << "five"
                                  << "";
    }
    void parametersAreReadFromText() {
        QFETCH(int, type);
        QFETCH(QString, text);
        QFETCH(QString, python);
        const ParamSpec spec{.key = "p", .type = ParamType(type), .arity = 2, .choices = {"same"}};
        const auto value = parseParam(spec, text.toStdString());
        QCOMPARE(QString::fromStdString(value ? value->toPython() : ""), python);
    }

    void wrongParametersAreSentences() {
        const std::vector<ParamSpec> specs = {{.key = "kernel_size",
                                               .type = ParamType::Ints,
                                               .required = true,
                                               .arity = 2,
                                               .minimum = 1},
                                              {.key = "padding_mode",
                                               .type = ParamType::Choice,
                                               .defaultValue = "zeros",
                                               .choices = {"zeros", "reflect"}}};
        const auto message = [&](const Params& params) {
            const auto problems = checkParams(specs, params);
            return problems.empty() ? std::string() : problems[0].message;
        };
        QCOMPARE(message({{"kernel_size", 3}}), std::string());
        QCOMPARE(message({}), std::string("kernel_size is not set, and it has no default."));
        QCOMPARE(message({{"kernel_size", 0}}),
                 std::string("kernel_size is 0, but it must be at least 1."));
        QCOMPARE(message({{"kernel_size", List{3, 0}}}),
                 std::string("kernel_size is [3, 0], but it must be at least 1."));
        QCOMPARE(
            message({{"kernel_size", List{1, 2, 3}}}),
            std::string("kernel_size is [1, 2, 3], but it must be a whole number or a list of 2."));
        QCOMPARE(message({{"kernel_size", 2.5}}),
                 std::string("kernel_size is 2.5, but it must be a whole number or a list of 2."));
        QCOMPARE(message({{"kernel_size", 3}, {"padding_mode", "mirror"}}),
                 std::string("padding_mode is 'mirror', but it must be zeros or reflect."));
        const auto unknown = checkParams(specs, {{"kernel_size", 3}, {"kernel_sise", 3}});
        QVERIFY(unknown[0].unknown);
        QCOMPARE(unknown[0].hint, std::string("Did you mean kernel_size?"));
    }

    void sidesMayBeNoneInAList() {
        const ParamSpec spec = {
            .key = "output_size", .type = ParamType::Ints, .optional = true, .arity = 2};
        const auto typed = parseParam(spec, "None, 7");
        QVERIFY(typed && *typed == Value(List{Value(), Value(7)}));
        QVERIFY(parseParam(spec, typed->toText()) == typed);
        QVERIFY(!parseParam({.key = "k", .type = ParamType::Ints, .arity = 2}, "None, 7"));
    }

    void pythonCallsStateDefaultsThatChanged() {
        const std::vector<ParamSpec> specs = {
            {.key = "lr", .type = ParamType::Float, .defaultValue = 0.001, .defaultSince = "2.2"}};
        QCOMPARE(pythonCall("SGD", specs, {}), std::string("SGD(lr=0.001)"));
        QCOMPARE(pythonCall("SGD", specs, {{"lr", 0.1}}), std::string("SGD(lr=0.1)"));
    }

    void pythonCallsLeaveDefaultsOut() {
        const std::vector<ParamSpec> specs = {
            {.key = "in_channels", .inferred = true},
            {.key = "out_channels", .required = true},
            {.key = "kernel_size", .type = ParamType::Ints, .required = true, .arity = 2},
            {.key = "stride", .type = ParamType::Ints, .defaultValue = 1, .arity = 2},
            {.key = "padding", .type = ParamType::Ints, .defaultValue = 0, .arity = 2}};
        QCOMPARE(
            pythonCall("nn.Conv2d", specs,
                       {{"out_channels", 32}, {"kernel_size", 5}, {"stride", 1}, {"padding", 1}},
                       {{"in_channels", 1}}),
            std::string("nn.Conv2d(1, 32, 5, padding=1)"));
        QCOMPARE(
            pythonCall("nn.Conv2d", specs,
                       {{"out_channels", 32}, {"kernel_size", List{5, 3}}, {"padding", List{2}}},
                       {{"in_channels", 1}}),
            std::string("nn.Conv2d(1, 32, (5, 3), padding=(2,))"));
    }

    void numbersReadWell() {
        QCOMPARE(groupDigits(10816), std::string("10,816"));
        QCOMPARE(groupDigits(-1234567), std::string("-1,234,567"));
        QCOMPARE(shortNumber(540800), std::string("540.8 k"));
        QCOMPARE(shortNumber(832), std::string("832"));
        QCOMPARE(byteText(86528), std::string("86.5 kB"));
        QCOMPARE((Shape{{64, 13, 13}}).toText(), std::string("64×13×13"));
    }
};

QTEST_APPLESS_MAIN(ValueTest)
#include "value_test.moc"
