#!/usr/bin/env python3
"""A tray on the session bus in the environment: a watcher with a host, which takes every icon that registers.

Prints one line when it is there, and then the name of each icon.
"""

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.kde.StatusNotifierWatcher"


class Watcher(dbus.service.Object):
    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, _interface, name):
        return {"IsStatusNotifierHostRegistered": True, "ProtocolVersion": dbus.Int32(0)}[str(name)]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _interface):
        return {"IsStatusNotifierHostRegistered": True, "ProtocolVersion": dbus.Int32(0)}

    @dbus.service.method(NAME, in_signature="s")
    def RegisterStatusNotifierItem(self, item):
        print(item, flush=True)

    @dbus.service.signal(NAME)
    def StatusNotifierHostRegistered(self):
        pass


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
name = dbus.service.BusName(NAME, bus)
Watcher(bus, "/StatusNotifierWatcher")
print("there", flush=True)
GLib.MainLoop().run()
