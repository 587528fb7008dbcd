#include "app/top_bar.h"

#include <QActionGroup>
#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QTimer>
#include <algorithm>

#include "app/run_actions.h"
#include "core/train/plan.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/style/controls.h"
#include "widgets/style/icons.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr const char* kMenuStyle = "font-size: 15px; font-weight: 700; padding: 0 24px 0 8px;";
constexpr const char* kShortMenuStyle = "padding: 0 22px 0 8px;";

/// The button shows and does what the action says.
void follow(QAbstractButton* button, QAction* action, bool showText) {
    const auto show = [button, action, showText] {
        button->setEnabled(action->isEnabled());
        // A button without its text is still called by its name.
        button->setToolTip(TopBar::tr("%1: %2").arg(action->text(), action->toolTip()));
        button->setAccessibleName(action->text());
        if (showText && !button->text().isEmpty()) button->setText(action->text());
    };
    QObject::connect(action, &QAction::changed, button, show);
    QObject::connect(button, &QAbstractButton::clicked, action, &QAction::trigger);
    // A click must not take the keys from the page: Space pauses, it does not press the button
    // again.
    button->setFocusPolicy(Qt::TabFocus);
    show();
}

QToolButton* makeRunButton(const QString& icon, QAction* action) {
    QToolButton* button = makeIconButton(icon, action->text());
    setStyleProperty(button, "kind", QStringLiteral("outline"));
    button->setFixedSize(34, 30);
    follow(button, action, false);
    return button;
}

}  // namespace

TopBar::TopBar(DocumentController* controller, RunActions* run, const QStringList& pages,
               QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    setFixedHeight(48);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 0, 12, 0);
    row->setSpacing(8);
    m_menu = makeButton(QStringLiteral("Torchloom"), ButtonKind::Ghost);
    m_menu->setObjectName(QStringLiteral("mainMenuButton"));
    m_menu->setFont(uiFont(15, QFont::Bold));
    m_menu->setStyleSheet(QLatin1String(kMenuStyle));
    m_menu->setFocusPolicy(Qt::TabFocus);
    m_menu->setToolTip(tr("Torchloom: files, edits, look and help"));
    m_menu->setAccessibleName(tr("Torchloom"));
    row->addWidget(m_menu);
    m_title = new ElidedLabel;
    m_title->setProperty("role", QStringLiteral("small"));
    m_title->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    m_title->setMaximumWidth(300);
    m_title->setCursor(Qt::IBeamCursor);
    m_title->installEventFilter(this);
    row->addWidget(m_title);
    m_rename = new QLineEdit;
    m_rename->setMinimumWidth(120);
    m_rename->setMaximumWidth(260);
    m_rename->setAccessibleName(tr("Name of the project"));
    m_rename->installEventFilter(this);
    m_rename->hide();
    connect(m_rename, &QLineEdit::editingFinished, this, [this] { endRename(true); });
    row->addWidget(m_rename);
    row->addSpacing(16);
    m_pages = new QButtonGroup(this);
    for (const QString& page : pages) {
        QPushButton* button = makeButton(page, ButtonKind::Page);
        button->setCheckable(true);
        button->setFocusPolicy(Qt::TabFocus);
        m_pages->addButton(button, static_cast<int>(m_pages->buttons().size()));
        row->addWidget(button);
    }
    connect(m_pages, &QButtonGroup::idClicked, this, &TopBar::pageChosen);
    row->addStretch(1);

    m_device = makeButton({});
    m_device->setObjectName(QStringLiteral("deviceButton"));
    m_device->setFocusPolicy(Qt::TabFocus);
    m_deviceMenu = new QMenu(this);
    m_device->setMenu(m_deviceMenu);
    m_device->setStyleSheet(QStringLiteral("padding: 0 26px 0 12px;"));
    connect(m_deviceMenu, &QMenu::aboutToShow, this, &TopBar::fillDeviceMenu);
    row->addWidget(m_device);
    m_train = makeButton(run->train()->text(), ButtonKind::Primary, QStringLiteral("play"));
    m_train->setObjectName(QStringLiteral("trainButton"));
    m_train->setMinimumWidth(96);
    follow(m_train, run->train(), true);
    row->addWidget(m_train);
    m_pause = makeRunButton(QStringLiteral("pause"), run->pause());
    m_step = makeRunButton(QStringLiteral("step"), run->step());
    m_stop = makeRunButton(QStringLiteral("stop"), run->stop());
    for (QToolButton* button : {m_pause, m_step, m_stop}) row->addWidget(button);

    connect(m_controller, &DocumentController::titleChanged, this, &TopBar::showTitle);
    connect(m_controller, &DocumentController::trainingChanged, this, &TopBar::showDevice);
    connect(m_controller, &DocumentController::documentReset, this, &TopBar::showDevice);
    showTitle();
    // The first look at LibTorch takes a while; the window comes first.
    m_deviceText = m_deviceShort = tr("CPU");
    m_device->setText(m_deviceText);
    QTimer::singleShot(0, this, &TopBar::showDevice);
}

void TopBar::setMainMenu(QMenu* menu) {
    m_menu->setMenu(menu);
}

void TopBar::setCurrentPage(int page) {
    if (QAbstractButton* button = m_pages->button(page)) button->setChecked(true);
}

QPushButton* TopBar::pageButton(int page) const {
    return qobject_cast<QPushButton*>(m_pages->button(page));
}

void TopBar::showTitle() {
    m_title->setFullText(m_controller->title() +
                         (m_controller->isModified() ? QStringLiteral(" •") : QString()) +
                         (m_controller->isReadOnly() ? tr(" (read only)") : QString()));
    m_title->setToolTip(
        (m_controller->path().isEmpty() ? tr("Not saved yet") : m_controller->path()) +
        tr("\nClick to rename the project"));
}

QWidget* TopBar::titleLabel() const {
    return m_title;
}

void TopBar::startRename() {
    if (m_controller->isReadOnly()) return;
    m_title->hide();
    m_rename->setText(m_controller->title());
    m_rename->show();
    m_rename->setFocus();
    m_rename->selectAll();
}

void TopBar::endRename(bool keep) {
    if (m_rename->isHidden()) return;
    m_rename->hide();
    m_title->show();
    const std::string name = m_rename->text().trimmed().toStdString();
    if (!keep || name.empty()) return;
    m_controller->edit(tr("Rename the project"), [&](const Project& project) -> Result<Project> {
        Project next = project;
        next.name = name;
        return next;
    });
}

bool TopBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_title && event->type() == QEvent::MouseButtonRelease) {
        startRename();
        return true;
    }
    if (watched == m_rename && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        endRename(false);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void TopBar::showDevice() {
    const TrainingSection& training = m_controller->project().training;
    const std::string device = currentEnvironment(1, training.device).device;
    const int threads = training.threads > 0 ? training.threads : defaultThreads();
    const bool cpu = device == "cpu" || device == "auto";
    const QString name = cpu ? tr("CPU") : QString::fromStdString(device).toUpper();
    m_deviceText = !cpu           ? name
                   : threads == 1 ? tr("CPU · 1 thread")
                                  : tr("CPU · %1 threads").arg(threads);
    m_deviceShort = cpu ? tr("CPU · %1").arg(threads) : name;
    m_device->setToolTip(
        tr("%1: where the arithmetic runs, and on how many threads").arg(m_deviceText));
    m_device->setAccessibleName(m_deviceText);
    fit();
}

void TopBar::shorten(int level) {
    m_device->setText(level < 1 ? m_deviceText : m_deviceShort);
    for (QAbstractButton* page : m_pages->buttons()) setStyleProperty(page, "dense", level >= 2);
    const bool icon = level >= 3;
    if (icon == m_menu->text().isEmpty()) return;
    m_menu->setStyleSheet(QLatin1String(icon ? kShortMenuStyle : kMenuStyle));
    m_menu->setText(icon ? QString() : QStringLiteral("Torchloom"));
    m_menu->setIcon(icon ? QApplication::windowIcon() : QIcon());
}

void TopBar::fit() {
    constexpr int kLevels = 4;
    constexpr int kLeastTitle = 60;
    for (int level = 0; level < kLevels; ++level) {
        shorten(level);
        layout()->invalidate();
        // The title takes what is left.
        const int title = m_rename->isHidden() ? m_title->sizeHint().width() : 0;
        if (layout()->sizeHint().width() - std::max(0, title - kLeastTitle) <= width()) break;
    }
}

void TopBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fit();
}

void TopBar::fillDeviceMenu() {
    m_deviceMenu->clear();
    auto* devices = new QActionGroup(m_deviceMenu);
    const TrainingSection& training = m_controller->project().training;
    const auto add = [&](const QString& label, const std::string& id) {
        QAction* action = m_deviceMenu->addAction(label);
        action->setCheckable(true);
        action->setChecked(training.device == id);
        devices->addAction(action);
        connect(action, &QAction::triggered, this, [this, id] {
            m_controller->edit(tr("Choose the device"),
                               [&](const Project& project) -> Result<Project> {
                                   Project next = project;
                                   next.training.device = id;
                                   return next;
                               });
        });
    };
    add(tr("Auto: the best there is"), "auto");
    for (const DeviceChoice& device : availableDevices())
        add(QString::fromStdString(device.label), device.id);
    const Environment environment = currentEnvironment(1, "cpu");
    if (environment.cudaDevices == 0)
        m_deviceMenu
            ->addAction(environment.cudaBuilt ? tr("No graphics card that CUDA can use")
                                              : tr("No CUDA: this LibTorch was built without it"))
            ->setEnabled(false);
    m_deviceMenu->addSeparator();
    auto* counts = new QActionGroup(m_deviceMenu);
    const int best = defaultThreads();
    std::vector<int> choices{0};
    for (int threads = 1; threads <= std::max(best, 1) * 2 && threads <= 64; threads *= 2)
        choices.push_back(threads);
    if (std::find(choices.begin(), choices.end(), training.threads) == choices.end())
        choices.push_back(training.threads);
    for (const int threads : choices) {
        QAction* action =
            m_deviceMenu->addAction(threads == 0   ? tr("Best number of threads (%1)").arg(best)
                                    : threads == 1 ? tr("1 thread")
                                                   : tr("%1 threads").arg(threads));
        action->setCheckable(true);
        action->setChecked(training.threads == threads);
        counts->addAction(action);
        connect(action, &QAction::triggered, this, [this, threads] {
            m_controller->edit(tr("Choose the threads"),
                               [&](const Project& project) -> Result<Project> {
                                   Project next = project;
                                   next.training.threads = threads;
                                   return next;
                               });
        });
    }
}

void TopBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), tokens().surface);
    painter.setPen(tokens().hairline);
    painter.drawLine(0, height() - 1, width(), height() - 1);
}

}  // namespace loom
