msgid ""
msgstr ""
"Language: en\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "__zh__"
msgstr "__en__"

msgid "最新通知"
msgstr "Newest notes"

msgid "全部通知"
msgstr "All notes"

msgid "现在没有通知"
msgstr "There are no notes now"

msgid "有新的通知时，会出现在这里和您的工作台上。"
msgstr "New notes appear here and on your workbench."

#, python-format
msgid "您学完了 %(count)s 门课程"
msgstr "You finished %(count)s courses"

msgid "标题"
msgstr "Title"

msgid "正文"
msgstr "Text"

msgid "显示日期"
msgstr "Shown from"

msgid "通知"
msgstr "Note"

msgid "范围"
msgstr "Audience"

msgid "学完的课程"
msgstr "Courses finished"

msgid "课程"
msgstr "Course"

msgid "时间"
msgstr "Time"
