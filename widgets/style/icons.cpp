#include "widgets/style/icons.h"

#include <QAbstractButton>
#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>
#include <algorithm>
#include <utility>

#include "widgets/style/theme.h"

namespace loom {

namespace {

class SvgIconEngine : public QIconEngine {
public:
    SvgIconEngine(QString name, QColor normal, QColor disabled)
        : m_name(std::move(name)), m_normal(normal), m_disabled(disabled) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const int side = std::min(rect.width(), rect.height());
        const QPixmap picture = iconPixmap(m_name, mode == QIcon::Disabled ? m_disabled : m_normal,
                                           side, painter->device()->devicePixelRatioF());
        painter->drawPixmap(rect.x() + (rect.width() - side) / 2,
                            rect.y() + (rect.height() - side) / 2, picture);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override {
        return iconPixmap(m_name, mode == QIcon::Disabled ? m_disabled : m_normal,
                          std::min(size.width(), size.height()), 1.0);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal scale) override {
        // Qt passes the size in device pixels already.
        QPixmap picture = iconPixmap(m_name, mode == QIcon::Disabled ? m_disabled : m_normal,
                                     std::min(size.width(), size.height()), 1.0);
        picture.setDevicePixelRatio(scale);
        return picture;
    }
    QIconEngine* clone() const override { return new SvgIconEngine(m_name, m_normal, m_disabled); }

private:
    QString m_name;
    QColor m_normal;
    QColor m_disabled;
};

QColor faded(QColor color) {
    color.setAlphaF(0.4f);
    return color;
}

}  // namespace

QPixmap iconPixmap(const QString& name, const QColor& color, int size, qreal devicePixelRatio) {
    const QString key = QStringLiteral("loom/%1/%2/%3/%4")
                            .arg(name, color.name(QColor::HexArgb))
                            .arg(size)
                            .arg(devicePixelRatio);
    QPixmap picture;
    if (QPixmapCache::find(key, &picture)) return picture;

    picture = QPixmap(QSizeF(size * devicePixelRatio, size * devicePixelRatio).toSize());
    picture.setDevicePixelRatio(devicePixelRatio);
    picture.fill(Qt::transparent);
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (file.open(QIODevice::ReadOnly)) {
        QByteArray svg = file.readAll();
        svg.replace("currentColor", color.name().toLatin1());
        QSvgRenderer renderer(svg);
        QPainter painter(&picture);
        painter.setOpacity(color.alphaF());
        renderer.render(&painter, QRectF(0, 0, size, size));
    } else {
        qWarning("There is no icon named %s.", qPrintable(name));
    }
    QPixmapCache::insert(key, picture);
    return picture;
}

QIcon icon(const QString& name) {
    return QIcon(new SvgIconEngine(name, tokens().text, faded(tokens().muted)));
}

QIcon icon(const QString& name, const QColor& color) {
    return QIcon(new SvgIconEngine(name, color, faded(color)));
}

void setIcon(QAbstractButton* button, const QString& name, int size) {
    const bool connected = button->property("iconName").isValid();
    button->setProperty("iconName", name);
    const auto draw = [button] {
        const QString kind = button->property("kind").toString();
        const Tokens& t = tokens();
        const QColor color = kind == QLatin1String("primary")  ? t.onAccent
                             : kind == QLatin1String("danger") ? t.danger
                                                               : t.text;
        button->setIcon(icon(button->property("iconName").toString(), color));
    };
    button->setIconSize(QSize(size, size));
    draw();
    if (!connected) QObject::connect(&Theme::instance(), &Theme::changed, button, draw);
}

}  // namespace loom
