{% extends "base.html" %}
{% load i18n %}
{% block title %}{{ note.title }}{% endblock title %}
{% block main %}
  <article>
    <div class="page-head">
      <h1>{{ note.title }}</h1>
      <p>
        <time datetime="{{ note.shown_on|date:'Y-m-d' }}">{{ note.shown_on|date:"DATE_FORMAT" }}</time>
      </p>
    </div>
    <div class="prose">{{ note.body|linebreaks }}</div>
    <p>
      <a href="{% url '__slug__:notes' %}">{% translate "全部通知" %}</a>
    </p>
  </article>
{% endblock main %}
