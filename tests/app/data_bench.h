#pragma once

#include <QElapsedTimer>
#include <QFileInfo>
#include <QTest>

#include "core/project/project_file.h"
#include "tests/support/app_home.h"
#include "tests/support/small_project.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/data/data_page.h"
#include "widgets/data/step_kinds.h"

namespace loom::test {

inline AppHome* home = nullptr;

/// A data page on the small Fashion-MNIST, shown, with a document of its own.
struct Bench {
    DocumentController document;
    DataPage page{&document};

    Bench() {
        const QString root = home->path(QStringLiteral("small"));
        if (!QFileInfo::exists(root)) writeSmallFashionMnist(root, 100, 20);
        auto loaded = loadProject(
            writeProject(home->path(QStringLiteral("p.loom")), smallProject(root)).toStdString());
        if (!loaded) qFatal("%s", loaded.error().message.c_str());
        page.resize(1300, 800);
        page.show();
        document.reset(loaded->project);
        settle();
    }
    void settle() {
        QTest::qWait(80);
        QElapsedTimer clock;
        clock.start();
        while (page.isComputing() && clock.elapsed() < 10000) QTest::qWait(10);
    }
    std::vector<std::string> steps(Split split = Split::Train) const {
        std::vector<std::string> kinds;
        for (const Choice& step : stepsOf(document.project(), split)) kinds.push_back(step.kind);
        return kinds;
    }
    void setSteps(std::vector<Choice> steps) {
        document.edit(QStringLiteral("Set"), [&](const Project& project) -> Result<Project> {
            Project next = project;
            next.data.trainTransforms = steps;
            return next;
        });
        settle();
    }
};

}  // namespace loom::test
