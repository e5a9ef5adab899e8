{% extends "base.html" %}
{% load i18n %}
{% block title %}{% translate "__zh__" %}{% endblock title %}
{% block main %}
  <div class="page-head">
    <h1>{% translate "__zh__" %}</h1>
  </div>
  {% if page_obj.object_list %}
    <ul class="rows">
      {% for note in page_obj %}
        <li>
          {% url "__slug__:note" note.uid as note_url %}
          {% include "components/list_row.html" with title=note.title url=note_url summary=note.body|truncatechars:90 unit=note.owner_organisation date=note.shown_on %}
        </li>
      {% endfor %}
    </ul>
    {% include "components/pagination.html" %}
  {% else %}
    {% translate "现在没有通知" as none_title %}
    {% translate "有新的通知时，会出现在这里和您的工作台上。" as none_text %}
    {% include "components/empty.html" with title=none_title text=none_text %}
  {% endif %}
{% endblock main %}
