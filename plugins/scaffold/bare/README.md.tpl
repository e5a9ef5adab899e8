# __zh__ (__en__)

A plugin for Linghang.
